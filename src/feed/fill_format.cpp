#include "feed/fill_format.hpp"

#include "market/words.hpp"

namespace tapedeck {
namespace {

constexpr std::array<Word<FillField>, kFillFields> kFields{
    {{"time", FillField::time},
     {"symbol", FillField::symbol},
     {"side", FillField::side},
     {"quantity", FillField::quantity},
     {"price", FillField::price},
     {"commission", FillField::commission},
     {"fees", FillField::fees},
     {"fee_currency", FillField::fee_currency},
     {"currency", FillField::currency},
     {"liquidity", FillField::liquidity},
     {"trade_id", FillField::trade_id},
     {"order_id", FillField::order_id},
     {"strategy", FillField::strategy}}};

constexpr std::array<Word<DateOrder>, 3> kDateOrders{{{"year_first", DateOrder::year_first},
                                                      {"month_first", DateOrder::month_first},
                                                      {"day_first", DateOrder::day_first}}};

}  // namespace

std::string_view to_text(FillField field) {
  return word_of(kFields, field);
}

std::optional<FillField> parse_fill_field(std::string_view word) {
  return find_by_word(kFields, word);
}

std::string_view to_text(DateOrder order) {
  return word_of(kDateOrders, order);
}

std::optional<DateOrder> parse_date_order(std::string_view word) {
  return find_by_word(kDateOrders, word);
}

FillFormat binance_trade_history() {
  return {.fields = {{FillField::time, {"Date(UTC)"}},
                     {FillField::symbol, {"Pair"}},
                     {FillField::side, {"Side"}},
                     {FillField::price, {"Price"}},
                     {FillField::quantity, {"Executed"}},
                     {FillField::commission, {"Fee"}}},
          .units = true,
          .venue = "binance"};
}

}  // namespace tapedeck
