#include "tapedeck/market/order.hpp"

#include "market/words.hpp"

namespace tapedeck {
namespace {

constexpr std::array<Word<OrderSide>, 2> kSides{
    {{"buy", OrderSide::buy}, {"sell", OrderSide::sell}}};
constexpr std::array<Word<OrderType>, 4> kTypes{{{"market", OrderType::market},
                                                 {"limit", OrderType::limit},
                                                 {"stop", OrderType::stop},
                                                 {"stop_limit", OrderType::stop_limit}}};
constexpr std::array<Word<TimeInForce>, 4> kTimesInForce{{{"day", TimeInForce::day},
                                                          {"gtc", TimeInForce::gtc},
                                                          {"ioc", TimeInForce::ioc},
                                                          {"fok", TimeInForce::fok}}};
constexpr std::array<Word<OrderStatus>, 6> kStatuses{{{"pending", OrderStatus::pending},
                                                      {"submitted", OrderStatus::submitted},
                                                      {"partial", OrderStatus::partial},
                                                      {"filled", OrderStatus::filled},
                                                      {"cancelled", OrderStatus::cancelled},
                                                      {"rejected", OrderStatus::rejected}}};

}  // namespace

std::string_view to_text(OrderSide side) {
  return word_of(kSides, side);
}
std::string_view to_text(OrderType type) {
  return word_of(kTypes, type);
}
std::string_view to_text(TimeInForce time_in_force) {
  return word_of(kTimesInForce, time_in_force);
}
std::string_view to_text(OrderStatus status) {
  return word_of(kStatuses, status);
}
std::optional<OrderSide> parse_order_side(std::string_view word) {
  return find_by_word(kSides, word);
}
std::optional<OrderType> parse_order_type(std::string_view word) {
  return find_by_word(kTypes, word);
}
std::optional<TimeInForce> parse_time_in_force(std::string_view word) {
  return find_by_word(kTimesInForce, word);
}
std::optional<OrderStatus> parse_order_status(std::string_view word) {
  return find_by_word(kStatuses, word);
}

bool is_final(OrderStatus status) {
  return status == OrderStatus::filled || status == OrderStatus::cancelled ||
         status == OrderStatus::rejected;
}

bool may_follow(OrderStatus before, OrderStatus after) {
  using enum OrderStatus;
  if (before == after) return true;
  switch (before) {
    case pending: return after == submitted || after == cancelled || after == rejected;
    case submitted:
      return after == partial || after == filled || after == cancelled || after == rejected;
    case partial: return after == filled || after == cancelled;
    default: return false;
  }
}

std::optional<Amount> average_fill_price(const Order& order) {
  if (order.filled_quantity == Amount{}) return std::nullopt;
  return quotient(order.filled_notional, order.filled_quantity);
}

Amount open_quantity(const Order& order) {
  return order.quantity - order.filled_quantity;
}

}  // namespace tapedeck
