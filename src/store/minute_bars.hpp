// tape.bars_1m: bars kept beside the trades, written in the same transaction; what longer bars are
// joined from.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/minute_bar.hpp"
#include "tapedeck/market/side.hpp"
#include "tapedeck/market/trade.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace tapedeck {

BarInterval one_minute();
// By time, and by id where rows have one.
bool rises(const TradeView& trades);

// A minute as it was folded from rows on their way, with their scale.
struct FoldedMinute {
  MinuteBar minute;
  Scale scale;
};

// Writes minutes; those of `again`, those folded twice and those that are stored already are
// computed again from the stored trades.
void write_minutes(duck::Transaction& transaction, const Instrument& instrument, Grain grain,
                   const std::vector<FoldedMinute>& folded, std::set<Timestamp> again);

// Follows the rows of one load. A minute that the load alone has, in order and at one scale, is
// folded on the way; any other is computed again from the stored trades.
class MinuteBars {
 public:
  // Rows as they are stored.
  void add(const TradeView& trades);
  // After all rows are appended; `instrument` with the scale that they made it have.
  void write(duck::Transaction& transaction, const Instrument& instrument, Grain grain);

 private:
  void end_run();

  MinuteFold fold_;
  Scale scale_;  // of what fold_ holds
  std::vector<FoldedMinute> closed_;
  std::set<Timestamp> again_;  // begins of minutes to compute from the stored trades
  int64_t last_ts_ = INT64_MIN;
  int64_t last_id_ = INT64_MIN;
};

// Computes the minutes of `range` again from the stored trades and replaces what is stored.
void rebuild_minute_bars(duck::Transaction& transaction, const Instrument& instrument, Grain grain,
                         TimeRange range);

// The same for the minutes with these begins, in one scan.
void rebuild_minute_bars(duck::Transaction& transaction, const Instrument& instrument, Grain grain,
                         const std::set<Timestamp>& begins);

// The trades before `cutoff` were deleted: so are the bars, and the minute that holds it shrinks.
void delete_minute_bars_before(duck::Transaction& transaction, const Instrument& instrument,
                               Grain grain, Timestamp cutoff);

// Adds the bars that begin in `range` at the instrument's scale, in the order in which they lie: a
// late minute lies behind later ones. Error{out_of_range} where a value does not fit.
void read_minute_bars(duck::Connection& connection, const Instrument& instrument, Grain grain,
                      TimeRange range, std::vector<Bar>& into);
// Rising, with what they were computed from; minutes that are kept twice come twice,
// those whose exponents are finer than the instrument's (no writer makes such) are left out.
std::vector<MinuteBar> read_minutes(duck::Connection& connection, const Instrument& instrument,
                                    Grain grain, TimeRange range);
// [first begin, last begin + 1 ns); nullopt when there is none.
std::optional<TimeRange> minutes_range(duck::Connection& connection, InstrumentId instrument,
                                       Grain grain);

}  // namespace tapedeck
