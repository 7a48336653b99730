// Klines that a venue published: against themselves, and against bars of our own trades.
#pragma once

#include "query/bar_range.hpp"
#include "store/core.hpp"
#include "store/given_rows.hpp"
#include "tapedeck/market/bar.hpp"
#include "tapedeck/query/verify.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <vector>

namespace tapedeck {

using UseFinding = std::function<void(Finding)>;

// Prices and volumes that contradict each other, begins that are none, klines stored twice. Returns
// the klines read.
int64_t check_given_klines(Reader& reader, const Instrument& instrument, const GivenSeries& series,
                           TimeRange range, const UseFinding& use);
void check_open_interest(Reader& reader, const Instrument& instrument, TimeRange range,
                         const UseFinding& use);

// The klines of one series as they come, in windows.
class KlineFeed {
 public:
  KlineFeed(Reader& reader, InstrumentId instrument, const GivenSeries& series, TimeRange range);
  // The next one, or nullptr at the end; valid until pop().
  const Kline* front();
  void pop() { read_.pop_front(); }

 private:
  // Constant after construction
  Reader& reader_;
  InstrumentId instrument_;
  const GivenSeries& series_;

  TimeRange unread_;
  std::deque<Kline> read_;
};

// What is known of the trades that klines are compared with.
struct ComparedTape {
  const Instrument& instrument;
  Grain grain = Grain::trade;
  TimeRange range;                   // asked for
  std::vector<TimeRange> set_aside;  // where the other grain counts
  std::vector<CoverageRow> covered;  // folded
};

// Where a bar has parts of which nobody recorded anything: what else was traded in it is not known.
struct BarCut {
  bool any = false;
  bool front = false;
  bool back = false;
};

// One series of a minute or longer, against the minutes of one grain.
class KlineCheck {
 public:
  // Everything must outlive the check. `reader` is used while minutes are added.
  KlineCheck(Reader& reader, const ComparedTape& tape, const GivenSeries& series,
             const UseFinding& use);

  // Computed minutes, rising, each once.
  void add(const Bar& minute);
  void finish();
  int64_t compared() const { return compared_; }

 private:
  // A difference that the next bar may explain.
  struct Pending {
    Finding finding;
    TimeRange range;
    Decimal volume;  // ours − the venue's
  };
  // Own bars in a row that have no kline.
  struct Lacking {
    Timestamp first;
    Timestamp next;
    int64_t bars = 0;
  };

  void own(const Bar& bar);
  void lone(const Kline& kline);
  void compare(const Bar& bar, const Kline& kline, const BarCut& cut);
  std::string cause_of(TimeRange range, const Decimal& volume_difference) const;
  bool counts(TimeRange range) const;
  BarCut cut_of(TimeRange range) const;
  bool expects_kline(Timestamp begin) const;
  void lack(Timestamp begin);
  void flush();
  void flush_lacking();
  Finding finding_at(Timestamp begin) const;

  // Constant after construction
  const ComparedTape& tape_;
  const GivenSeries& series_;
  const UseFinding& use_;
  Completeness completeness_;
  std::set<Date> days_;  // with a kline

  KlineFeed feed_;
  std::optional<Bar> open_;
  std::optional<Pending> pending_;
  std::optional<Lacking> lacking_;
  int64_t compared_ = 0;
};

}  // namespace tapedeck
