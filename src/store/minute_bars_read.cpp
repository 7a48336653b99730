#include "store/minute_bars.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>

namespace tapedeck {
namespace {

// Brings values from the scale that they are stored in to the instrument's.
class Rescaling {
 public:
  Rescaling(const Instrument& instrument, Scale from)
      : instrument_{instrument},
        price_{factor(from.price_exp - instrument.scale.price_exp)},
        quantity_{factor(from.qty_exp - instrument.scale.qty_exp)} {}

  Price price(int64_t units) const {
    if (price_ == 1) return Price{units};  // the usual case; 128-bit products are slow
    int64_t result = 0;
    if (__builtin_mul_overflow(units, price_, &result)) refuse();
    return Price{result};
  }
  int128 volume(int128 units) const { return times(units, quantity_); }
  int128 notional(int128 units) const { return times(times(units, quantity_), price_); }

 private:
  int128 factor(int digits) const {
    if (digits < 0) {
      throw Error{
          ErrorCode::corrupt,
          fmt::format("a kept bar of {} has finer exponents than the instrument; compute it "
                      "again with: tapedeck verify --fix",
                      to_text(instrument_.name))};
    }
    int128 result = 1;
    for (; digits > 0; --digits)
      result *= 10;
    return result;
  }
  int128 times(int128 units, int128 by) const {
    if (by == 1) return units;
    int128 result = 0;
    if (__builtin_mul_overflow(units, by, &result)) refuse();
    return result;
  }
  [[noreturn]] void refuse() const {
    throw Error{ErrorCode::out_of_range,
                fmt::format("a minute of {} does not fit at the instrument's finest unit 1e{}",
                            to_text(instrument_.name), instrument_.scale.price_exp)};
  }

  // Constant after construction
  const Instrument& instrument_;
  int128 price_;
  int128 quantity_;
};

int128 wide(const duckdb_hugeint& value) {
  return (int128{value.upper} << 64) | value.lower;
}

// The columns that both readings take, in order.
constexpr std::string_view kBarColumns =
    "\"begin\", open, high, low, close, trades, volume, buy_volume, sell_volume, notional, "
    "price_exp, qty_exp";
constexpr size_t kColumns = 12;

// Rows of tape.bars_1m, a chunk at a time, at the instrument's scale.
class BarReading {
 public:
  explicit BarReading(const Instrument& instrument) : instrument_{instrument} {}

  void take_chunk(const duck::Result& rows) {
    for (size_t column = 0; column < kNumbers; ++column)
      numbers_[column] = rows.column<int64_t>(column);
    for (size_t column = 0; column < kWides; ++column)
      wides_[column] = rows.column<duckdb_hugeint>(kNumbers + column);
    price_exps_ = rows.column<int8_t>(kNumbers + kWides);
    qty_exps_ = rows.column<int8_t>(kNumbers + kWides + 1);
  }

  Bar bar_at(size_t row) {
    const Scale stored{.price_exp = price_exps_[row], .qty_exp = qty_exps_[row]};
    if (!rescaling_ || stored != scale_) rescaling_.emplace(instrument_, stored);
    scale_ = stored;
    const Timestamp begin = from_epoch_ns(numbers_[0][row]);
    return {.begin = begin,
            .end = begin + std::chrono::minutes{1},
            .open = rescaling_->price(numbers_[1][row]),
            .high = rescaling_->price(numbers_[2][row]),
            .low = rescaling_->price(numbers_[3][row]),
            .close = rescaling_->price(numbers_[4][row]),
            .volume = rescaling_->volume(wide(wides_[0][row])),
            .buy_volume = rescaling_->volume(wide(wides_[1][row])),
            .sell_volume = rescaling_->volume(wide(wides_[2][row])),
            .notional = rescaling_->notional(wide(wides_[3][row])),
            .trades = numbers_[5][row]};
  }

 private:
  static constexpr size_t kNumbers = 6;
  static constexpr size_t kWides = 4;

  // Constant after construction
  const Instrument& instrument_;

  std::array<std::span<const int64_t>, kNumbers> numbers_;
  std::array<std::span<const duckdb_hugeint>, kWides> wides_;
  std::span<const int8_t> price_exps_;
  std::span<const int8_t> qty_exps_;
  std::optional<Rescaling> rescaling_;
  Scale scale_;
};

// Of what a bar was computed from, too; then without bars that no writer makes.
enum class WithProof { no, yes };

duck::Result select_minutes(duck::Connection& connection, const Instrument& instrument, Grain grain,
                            TimeRange range, WithProof proof) {
  const bool proven = proof == WithProof::yes;
  const std::string condition =
      proven ? fmt::format(" AND price_exp >= {} AND qty_exp >= {}", instrument.scale.price_exp,
                           instrument.scale.qty_exp)
             : std::string{};
  return connection
      .prepare(fmt::format("SELECT {}{} FROM tape.bars_1m WHERE instrument_id = CAST(? AS INTEGER) "
                           "AND grain = CAST(? AS UTINYINT) AND \"begin\" >= ? AND \"begin\" < ?{}",
                           kBarColumns, proven ? ", id_begin, id_end, rows_hash" : "", condition))
      .bind(1, static_cast<int64_t>(instrument.id))
      .bind(2, static_cast<int64_t>(grain))
      .bind(3, range.begin)
      .bind(4, range.end)
      .stream();
}

}  // namespace

void read_minute_bars(duck::Connection& connection, const Instrument& instrument, Grain grain,
                      TimeRange range, std::vector<Bar>& into) {
  duck::Result rows = select_minutes(connection, instrument, grain, range, WithProof::no);
  BarReading reading{instrument};
  while (rows.next_chunk()) {
    reading.take_chunk(rows);
    for (size_t row = 0; row < rows.rows(); ++row)
      into.push_back(reading.bar_at(row));
  }
}

std::optional<TimeRange> minutes_range(duck::Connection& connection, InstrumentId instrument,
                                       Grain grain) {
  duck::Result rows = connection
                          .prepare(
                              "SELECT min(\"begin\"), max(\"begin\") FROM tape.bars_1m WHERE "
                              "instrument_id = CAST(? AS INTEGER) AND grain = CAST(? AS UTINYINT)")
                          .bind(1, static_cast<int64_t>(instrument))
                          .bind(2, static_cast<int64_t>(grain))
                          .run();
  rows.next_row();
  if (rows.is_null(0)) return std::nullopt;
  return TimeRange{.begin = rows.timestamp(0),
                   .end = rows.timestamp(1) + std::chrono::nanoseconds{1}};
}

std::vector<MinuteBar> read_minutes(duck::Connection& connection, const Instrument& instrument,
                                    Grain grain, TimeRange range) {
  duck::Result rows = select_minutes(connection, instrument, grain, range, WithProof::yes);
  std::vector<MinuteBar> result;
  BarReading reading{instrument};
  const auto find_id = [&](size_t column, size_t row) {
    return rows.is_null_at(column, row) ? std::nullopt
                                        : std::optional{rows.column<int64_t>(column)[row]};
  };
  while (rows.next_chunk()) {
    reading.take_chunk(rows);
    for (size_t row = 0; row < rows.rows(); ++row) {
      result.push_back({.bar = reading.bar_at(row),
                        .id_begin = find_id(kColumns, row),
                        .id_end = find_id(kColumns + 1, row),
                        .rows_hash = rows.column<uint64_t>(kColumns + 2)[row]});
    }
  }
  std::ranges::stable_sort(result, {}, [](const MinuteBar& minute) { return minute.bar.begin; });
  return result;
}

}  // namespace tapedeck
