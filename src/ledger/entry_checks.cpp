#include "ledger/entry_checks.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tapedeck {
namespace {

constexpr size_t kMostIdBytes = 255;
constexpr size_t kMostMetadataBytes = size_t{1} << 20;

[[noreturn]] void refuse(std::string_view of, const std::string& rule) {
  throw Error{ErrorCode::invalid_argument, fmt::format("{}: {}", of, rule)};
}

void check_above_0(std::string_view of, std::string_view field, std::optional<Amount> value) {
  if (!value || *value > Amount{}) return;
  refuse(of, fmt::format("its {} is {}, and must be above 0", field, to_text(*value)));
}

void check_word(std::string_view of, std::string_view field,
                const std::optional<std::string>& word) {
  if (!word) return;
  if (word->empty()) refuse(of, fmt::format("its {} is empty; leave it out instead", field));
  if (word->size() > kMostIdBytes) {
    refuse(of,
           fmt::format("its {} has {} bytes, and may have {}", field, word->size(), kMostIdBytes));
  }
  if (word->find('\x1f') != std::string::npos) {
    refuse(of, fmt::format("its {} holds the control character 0x1f", field));
  }
}

void check_name(std::string_view of, const InstrumentName& name) {
  if (parse_instrument_name(to_text(name)) == name) return;
  refuse(of, fmt::format("'{}' is no instrument; it is written venue:symbol, like binance:BTCUSDT",
                         to_text(name)));
}

void check_order(const Order& order) {
  const std::string of = fmt::format("order '{}'", order.client_order_id.substr(0, 80));
  check_word(of, "client_order_id", order.client_order_id);
  check_word(of, "venue_order_id", order.venue_order_id);
  check_word(of, "strategy_id", order.strategy_id);
  check_name(of, order.instrument);
  check_above_0(of, "quantity", order.quantity);
  check_above_0(of, "price", order.price);
  check_above_0(of, "stop_price", order.stop_price);
  const bool needs_price = order.type == OrderType::limit || order.type == OrderType::stop_limit;
  const bool needs_stop = order.type == OrderType::stop || order.type == OrderType::stop_limit;
  if (needs_price && !order.price) {
    refuse(of, fmt::format("a {} order needs a price", to_text(order.type)));
  }
  if (needs_stop && !order.stop_price) {
    refuse(of, fmt::format("a {} order needs a stop_price", to_text(order.type)));
  }
  if (order.type == OrderType::market && order.price) {
    refuse(of, "a market order has no price; a limit order has one");
  }
  if (order.status != OrderStatus::pending) {
    refuse(of, fmt::format("it is created {}; create it pending and change its status after that",
                           to_text(order.status)));
  }
  check_metadata(order.metadata, of);
}

void check_amendment(const OrderAmendment& amendment) {
  const std::string of = fmt::format("the amendment of order {}", to_text(amendment.order_id));
  check_above_0(of, "quantity", amendment.quantity);
  check_above_0(of, "price", amendment.price);
  check_above_0(of, "stop_price", amendment.stop_price);
}

}  // namespace

void check(const OrderEntry& entry) {
  if (const auto* const order = std::get_if<Order>(&entry)) {
    check_order(*order);
  } else if (const auto* const amendment = std::get_if<OrderAmendment>(&entry)) {
    check_amendment(*amendment);
  }
}

void check(const Fill& fill) {
  const std::string of = fmt::format(
      "fill {} of {}", fill.exchange_trade_id.value_or(to_text(fill.fill_id)).substr(0, 80),
      to_text(fill.instrument));
  check_word(of, "exchange_trade_id", fill.exchange_trade_id);
  check_word(of, "fee_currency", fill.fee_currency);
  check_word(of, "currency", fill.currency);
  check_name(of, fill.instrument);
  check_above_0(of, "quantity", fill.quantity);
  check_above_0(of, "price", fill.price);
}

void check_metadata(const std::optional<std::string>& metadata, std::string_view of) {
  if (!metadata) return;
  if (metadata->size() > kMostMetadataBytes) {
    refuse(of, fmt::format("its metadata has {} bytes, and may have {}", metadata->size(),
                           kMostMetadataBytes));
  }
  const auto json = nlohmann::json::parse(*metadata, nullptr, false);
  if (!json.is_object()) {
    refuse(of, fmt::format("its metadata is no JSON object: {}", metadata->substr(0, 80)));
  }
}

}  // namespace tapedeck
