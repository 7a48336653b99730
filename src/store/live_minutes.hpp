// LiveMinutes: the bars of minutes of a recording. A minute is written when it closes, since to
// write the open one with each batch would cost six times as much; until then tape.open_minutes
// names it, and readers take it from the trades.
#pragma once

#include "duck/transaction.hpp"
#include "store/minute_bars.hpp"
#include "store/open_bars.hpp"

#include <optional>
#include <set>
#include <vector>

namespace tapedeck {

class LiveMinutes {
 public:
  // Takes over the minute that an earlier recording left open.
  LiveMinutes(duck::Connection& connection, InstrumentId instrument, Grain grain);

  // Rows as they are stored; late ones too.
  void add(const TradeView& trades);
  // Rows of this instrument were stored or deleted by others.
  void distrust(duck::Connection& connection);
  // Of all rows that are stored in the open minute; nullopt: not known here.
  std::optional<OpenBar> open_bar() const;
  // After all rows of the transaction are appended. If that is not committed, this object is of no
  // more use.
  void write(duck::Transaction& transaction, const Instrument& instrument, Grain grain);
  // The open minute as well; nothing is open afterwards.
  void close(duck::Transaction& transaction, const Instrument& instrument, Grain grain);

 private:
  void note_late(const TradeView& trades);
  void begin_minute(Timestamp begin);
  void take_closed();
  void set_open(duck::Transaction& transaction, InstrumentId instrument, Grain grain,
                std::optional<Timestamp> begin);

  // Constant after construction
  InstrumentId instrument_;
  Grain grain_;

  MinuteFold fold_;
  Scale scale_;                          // of what fold_ holds
  Timestamp others_;                     // in minutes up to here others may have stored rows
  std::optional<Timestamp> open_;        // begin of the newest minute
  bool open_is_whole_ = true;            // fold_ has all its rows, in order
  std::optional<Timestamp> known_open_;  // as tape.open_minutes has it
  std::vector<FoldedMinute> closed_;
  std::set<Timestamp> again_;
  int64_t last_ts_ = INT64_MIN;
  int64_t last_id_ = INT64_MIN;
};

// The minutes that a recording which was killed left open are computed and written.
void close_open_minutes(duck::Transaction& transaction, const std::vector<Instrument>& instruments);
// Where the kept minutes end because a recording goes on.
std::optional<Timestamp> open_minute(duck::Connection& connection, InstrumentId instrument,
                                     Grain grain);

}  // namespace tapedeck
