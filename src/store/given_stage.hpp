// GivenStage: rows that a venue computed on their way into a temporary table `given`, from where
// SQL merges them with what is stored. Few rows; each value keeps its own digits.
#pragma once

#include "duck/appender.hpp"
#include "duck/transaction.hpp"
#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// As units of 10^-12. Error{out_of_range} naming the field and the row where DECIMAL(38,12) cannot
// hold it exactly.
int128 given_units(const Decimal& value, std::string_view field, Timestamp at);

class GivenStage {
 public:
  // Columns of the table: a TIMESTAMP_NS, the decimals, the whole numbers (BIGINT), the texts, in
  // this order.
  struct Columns {
    std::string time;
    std::vector<std::string> decimals;
    std::vector<std::string> wholes;
    std::vector<std::string> texts = {};
  };
  GivenStage(duck::Transaction& transaction, Columns columns);

  // An empty text is NULL. Throws Error{out_of_range} naming column and time when a value does not
  // fit DECIMAL(38,12).
  void add(Timestamp at, const std::vector<std::optional<Decimal>>& decimals,
           const std::vector<std::optional<int64_t>>& wholes = {},
           const std::vector<std::string>& texts = {});
  // The table is whole.
  void close();

 private:
  void flush();

  Columns columns_;
  duck::RowChunk chunk_;
  std::optional<duck::Appender> appender_;
  size_t row_ = 0;
};

}  // namespace tapedeck
