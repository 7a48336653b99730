#include "store/given_stage.hpp"

#include "base/check.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <utility>

namespace tapedeck {
namespace {

constexpr int kDecimalDigits = 12;  // of DECIMAL(38,12)

std::vector<duck::TypeHandle> types_of(const GivenStage::Columns& columns) {
  std::vector<duck::TypeHandle> types;
  types.emplace_back(duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP_NS));
  for (size_t i = 0; i < columns.decimals.size(); ++i)
    types.emplace_back(duckdb_create_decimal_type(38, kDecimalDigits));
  for (size_t i = 0; i < columns.wholes.size(); ++i)
    types.emplace_back(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
  for (size_t i = 0; i < columns.texts.size(); ++i)
    types.emplace_back(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  return types;
}

}  // namespace

int128 given_units(const Decimal& value, std::string_view field, Timestamp at) {
  const auto refuse = [&](std::string_view why) {
    throw Error{ErrorCode::out_of_range,
                fmt::format("{} {} at {} {}", field, to_text(value), to_iso(at), why)};
  };
  int128 units = value.units;
  int exponent = value.exponent;
  for (; exponent < -kDecimalDigits; ++exponent) {
    if (units % 10 != 0) refuse("has more than 12 digits behind the point");
    units /= 10;
  }
  for (; exponent > -kDecimalDigits; --exponent) {
    if (__builtin_mul_overflow(units, int128{10}, &units)) refuse("is too large");
  }
  int128 limit = 1;
  for (int digit = 0; digit < 38; ++digit)
    limit *= 10;
  if (units >= limit || units <= -limit) refuse("is too large");
  return units;
}

GivenStage::GivenStage(duck::Transaction& transaction, Columns columns)
    : columns_{std::move(columns)}, chunk_{types_of(columns_)} {
  std::string text = fmt::format("{} TIMESTAMP_NS", columns_.time);
  for (const std::string& name : columns_.decimals)
    text += fmt::format(", {} DECIMAL(38,12)", name);
  for (const std::string& name : columns_.wholes)
    text += fmt::format(", {} BIGINT", name);
  for (const std::string& name : columns_.texts)
    text += fmt::format(", {} VARCHAR", name);
  transaction.connection().run(fmt::format("CREATE OR REPLACE TEMP TABLE given({})", text));
  appender_.emplace(transaction, "main", "given");
}

void GivenStage::add(Timestamp at, const std::vector<std::optional<Decimal>>& decimals,
                     const std::vector<std::optional<int64_t>>& wholes,
                     const std::vector<std::string>& texts) {
  TAPEDECK_CHECK(
      decimals.size() == columns_.decimals.size() && wholes.size() == columns_.wholes.size() &&
          texts.size() == columns_.texts.size(),
      "{} decimals, {} whole numbers and {} texts", decimals.size(), wholes.size(), texts.size());
  size_t column = 0;
  chunk_.column<int64_t>(column)[row_] = to_epoch_ns(at);
  for (size_t i = 0; i < decimals.size(); ++i) {
    ++column;
    if (!decimals[i]) {
      chunk_.set_null(column, row_);
      continue;
    }
    const int128 units = given_units(*decimals[i], columns_.decimals[i], at);
    chunk_.column<duckdb_hugeint>(column)[row_] = {.lower = static_cast<uint64_t>(units),
                                                   .upper = static_cast<int64_t>(units >> 64)};
  }
  for (const std::optional<int64_t>& whole : wholes) {
    ++column;
    if (whole) chunk_.column<int64_t>(column)[row_] = *whole;
    if (!whole) chunk_.set_null(column, row_);
  }
  for (const std::string& text : texts) {
    ++column;
    if (text.empty()) {
      chunk_.set_null(column, row_);
    } else {
      chunk_.set_text(column, row_, text);
    }
  }
  if (++row_ == duck::RowChunk::kRows) flush();
}

void GivenStage::close() {
  flush();
  appender_->close();
}

void GivenStage::flush() {
  if (row_ == 0) return;
  chunk_.set_rows(row_);
  appender_->append(chunk_);
  chunk_.reset();
  row_ = 0;
}

}  // namespace tapedeck
