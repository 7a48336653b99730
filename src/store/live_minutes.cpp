#include "store/live_minutes.hpp"

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

void delete_open(duck::Connection& connection, InstrumentId instrument, Grain grain) {
  connection
      .prepare(
          "DELETE FROM tape.open_minutes WHERE instrument_id = CAST(? AS INTEGER) AND grain = "
          "CAST(? AS UTINYINT)")
      .bind(1, static_cast<int64_t>(instrument))
      .bind(2, static_cast<int64_t>(grain))
      .run();
}

// Of the kept minutes from `from` on; `from` when there is none.
Timestamp newest_kept(duck::Connection& connection, InstrumentId instrument, Grain grain,
                      Timestamp from) {
  duck::Result rows = connection
                          .prepare(
                              "SELECT max(\"begin\") FROM tape.bars_1m WHERE instrument_id = "
                              "CAST(? AS INTEGER) AND grain = CAST(? AS UTINYINT) AND \"begin\" >= "
                              "?")
                          .bind(1, static_cast<int64_t>(instrument))
                          .bind(2, static_cast<int64_t>(grain))
                          .bind(3, from)
                          .run();
  rows.next_row();
  return rows.is_null(0) ? from : rows.timestamp(0);
}

}  // namespace

LiveMinutes::LiveMinutes(duck::Connection& connection, InstrumentId instrument, Grain grain)
    : instrument_{instrument},
      grain_{grain},
      others_{newest_kept(connection, instrument, grain, TimeRange{}.begin)},
      open_{open_minute(connection, instrument, grain)},
      open_is_whole_{!open_},
      known_open_{open_} {}

void LiveMinutes::distrust(duck::Connection& connection) {
  others_ = newest_kept(connection, instrument_, grain_, open_.value_or(TimeRange{}.begin));
  if (open_) open_is_whole_ = false;
}

std::optional<OpenBar> LiveMinutes::open_bar() const {
  if (!open_ || !open_is_whole_) return std::nullopt;
  MinuteFold fold = fold_;
  const std::vector<MinuteBar> minutes = fold.finish();
  if (minutes.size() != 1 || minutes[0].bar.begin != *open_) return std::nullopt;
  return OpenBar{.bar = minutes[0].bar, .scale = scale_};
}

void LiveMinutes::begin_minute(Timestamp begin) {
  open_ = begin;
  open_is_whole_ = begin > others_;
}

void LiveMinutes::add(const TradeView& trades) {
  if (trades.rows() == 0) return;
  const int64_t first_id = trades.has_ids ? trades.trade_id.front() : INT64_MIN;
  const Timestamp first = from_epoch_ns(trades.ts_event.front());
  const bool goes_on = trades.ts_event.front() > last_ts_ ||
                       (trades.ts_event.front() == last_ts_ && first_id >= last_id_);
  if (!goes_on || !rises(trades) || (open_ && first < *open_)) return note_late(trades);
  if (trades.scale != scale_ && open_) {
    take_closed();
    fold_ = {};
    open_is_whole_ = false;
  }
  scale_ = trades.scale;
  const Timestamp first_minute = one_minute().begin_of(first);
  if (open_ && first_minute > *open_ && !open_is_whole_) {
    again_.insert(*open_);
    fold_ = {};
    open_is_whole_ = true;
  }
  fold_.add(trades);
  last_ts_ = trades.ts_event.back();
  last_id_ = trades.has_ids ? trades.trade_id.back() : INT64_MIN;
  const Timestamp newest = one_minute().begin_of(from_epoch_ns(last_ts_));
  if (open_ && newest == *open_) return;
  if (!open_is_whole_) again_.insert(*open_);  // it began before what fold_ knows
  take_closed();
  begin_minute(newest);
}

void LiveMinutes::note_late(const TradeView& trades) {
  for (const int64_t ts : trades.ts_event) {
    const Timestamp begin = one_minute().begin_of(from_epoch_ns(ts));
    if (open_ && begin == *open_) {
      open_is_whole_ = false;
    } else if (!open_ || begin < *open_) {
      again_.insert(begin);
    } else {
      again_.insert(*open_);
      fold_ = {};
      open_ = begin;
      open_is_whole_ = false;
    }
  }
}

void LiveMinutes::take_closed() {
  for (const MinuteBar& minute : fold_.take_closed())
    closed_.push_back({minute, scale_});
}

void LiveMinutes::write(duck::Transaction& transaction, const Instrument& instrument, Grain grain) {
  write_minutes(transaction, instrument, grain, std::exchange(closed_, {}),
                std::exchange(again_, {}));
  set_open(transaction, instrument.id, grain, open_);
}

void LiveMinutes::close(duck::Transaction& transaction, const Instrument& instrument, Grain grain) {
  if (open_ && !open_is_whole_) again_.insert(*open_);
  for (const MinuteBar& minute : std::exchange(fold_, {}).finish())
    closed_.push_back({minute, scale_});
  open_.reset();
  open_is_whole_ = true;
  write(transaction, instrument, grain);
}

void LiveMinutes::set_open(duck::Transaction& transaction, InstrumentId instrument, Grain grain,
                           std::optional<Timestamp> begin) {
  if (begin == known_open_) return;
  duck::Connection& connection = transaction.connection();
  delete_open(connection, instrument, grain);
  if (begin) {
    connection.prepare("INSERT INTO tape.open_minutes VALUES (?, ?, ?)")
        .bind(1, static_cast<int64_t>(instrument))
        .bind(2, static_cast<int64_t>(grain))
        .bind(3, *begin)
        .run();
  }
  known_open_ = begin;
}

std::optional<Timestamp> open_minute(duck::Connection& connection, InstrumentId instrument,
                                     Grain grain) {
  duck::Result rows = connection
                          .prepare(
                              "SELECT \"begin\" FROM tape.open_minutes WHERE instrument_id = "
                              "CAST(? AS INTEGER) AND grain = CAST(? AS UTINYINT)")
                          .bind(1, static_cast<int64_t>(instrument))
                          .bind(2, static_cast<int64_t>(grain))
                          .run();
  return rows.next_row() ? std::optional{rows.timestamp(0)} : std::nullopt;
}

void close_open_minutes(duck::Transaction& transaction,
                        const std::vector<Instrument>& instruments) {
  for (const Instrument& instrument : instruments) {
    for (const Grain grain : {Grain::trade, Grain::aggregate}) {
      const auto begin = open_minute(transaction.connection(), instrument.id, grain);
      if (!begin) continue;
      rebuild_minute_bars(transaction, instrument, grain, std::set<Timestamp>{*begin});
      delete_open(transaction.connection(), instrument.id, grain);
    }
  }
}

}  // namespace tapedeck
