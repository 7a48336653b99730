#include "feed/report_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::string_view kNone = "NONE";  // for the reason of a rejection that there is not

// 13 digits are milliseconds, 16 microseconds.
Timestamp time_of(const Members& members, std::string_view name) {
  const std::string_view text = members.text(name);
  const bool digits = text.find_first_not_of("0123456789") == std::string_view::npos;
  const auto time =
      digits && (text.size() == 13 || text.size() == 16) ? parse_timestamp(text) : std::nullopt;
  if (time) return *time;
  throw BadMessage{found(name, "must have 13 digits (ms) or 16 (µs)", text)};
}

OrderStatus status_of(const Members& order, std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, OrderStatus>, 10> kStatuses{
      {{"PENDING_NEW", OrderStatus::pending},
       {"NEW", OrderStatus::submitted},
       {"PARTIALLY_FILLED", OrderStatus::submitted},
       {"FILLED", OrderStatus::submitted},
       {"PENDING_CANCEL", OrderStatus::submitted},
       {"CANCELED", OrderStatus::cancelled},
       {"EXPIRED", OrderStatus::cancelled},
       {"EXPIRED_IN_MATCH", OrderStatus::cancelled},
       {"NEW_ADL", OrderStatus::submitted},
       {"REJECTED", OrderStatus::rejected}}};
  const auto* const known =
      std::ranges::find(kStatuses, word, &std::pair<std::string_view, OrderStatus>::first);
  if (known != kStatuses.end()) return known->second;
  throw BadMessage{found("X", "must be a status of an order", order.text("X"))};
}

// Of an order that nobody can tell from the ones of others.
bool is_coin_margined(std::string_view symbol) {
  return symbol.find("USD_") != std::string_view::npos;
}

class BinanceReports final : public JsonReports {
 public:
  explicit BinanceReports(std::optional<std::string> venue) : venue_{std::move(venue)} {}

 private:
  std::optional<ExecutionReport> read(ondemand::object object) override {
    event_.clear();
    order_.clear();
    take(object);
    const auto name = event_.find("e");
    if (!name) {
      // Answers to subscriptions, and streams whose events have no name.
      for (const std::string_view known : {"stream", "result", "id", "u", "subscriptionId"}) {
        if (event_.has(known)) return std::nullopt;
      }
      throw BadMessage{"no event of Binance: there is no 'e'"};
    }
    if (*name == "executionReport") return read_spot();
    if (*name == "ORDER_TRADE_UPDATE") return read_future();
    return std::nullopt;
  }

  // Members of the event itself, whatever it is wrapped in, and of the order in it.
  void take(ondemand::object object) {
    for (ondemand::field field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      const bool is_object = value.type() == ondemand::json_type::object;
      if (is_object && (key == "data" || key == "event")) {
        take(value.get_object());
      } else if (is_object && key == "o") {
        read_members(value.get_object(), order_);
      } else {
        take_scalar(key, value, event_);
      }
    }
  }

  ExecutionReport read_spot() const {
    ExecutionReport report = read_order(event_, "binance");
    // A message about a cancellation has that one's id in `c`.
    if (const auto original = find_text(event_, "C")) report.client_order_id = original;
    report.created_at = time_of(event_, "O");
    set_type(report, event_.text("o"), find_price(event_, "p"), find_price(event_, "P"));
    return report;
  }

  ExecutionReport read_future() const {
    if (is_coin_margined(order_.text("s"))) {
      throw BadMessage{found("s",
                             "must not be a coin-margined contract, whose value is not "
                             "price × quantity",
                             order_.text("s"))};
    }
    ExecutionReport report = read_order(order_, "binance-um");
    const std::string_view type = order_.has("ot") ? order_.text("ot") : order_.text("o");
    set_type(report, type, find_price(order_, "p"), find_price(order_, "sp"));
    return report;
  }

  // What both have in common.
  ExecutionReport read_order(const Members& order, std::string_view venue) const {
    ExecutionReport report;
    report.at = time_of(order, "T");
    report.instrument = {.venue = venue_.value_or(std::string{venue}),
                         .symbol = std::string{order.text("s")}};
    report.side = side_of(order, "S");
    report.venue_order_id = std::to_string(order.whole("i"));
    report.client_order_id = find_text(order, "c");
    report.quantity = amount_above_0(order, "q");
    report.time_in_force = parse_time_in_force(order.find("f").value_or(std::string_view{}));
    const std::string_view what = order.text("x");
    report.amended = what == "AMENDMENT" || what == "REPLACED";
    report.status = status_of(order, order.text("X"));
    if (report.status == OrderStatus::cancelled || report.status == OrderStatus::rejected) {
      const auto reason = find_text(order, "r");
      report.message = reason && *reason != kNone ? *reason : std::string{order.text("X")};
    }
    if (what == "TRADE" || what == "CALCULATED") report.fill = read_fill(order);
    return report;
  }

  static ReportedFill read_fill(const Members& order) {
    ReportedFill fill;
    fill.quantity = amount_above_0(order, "l");
    fill.price = amount_above_0(order, "L");
    fill.commission = find_amount(order, "n").value_or(Amount{});
    fill.fee_currency = find_text(order, "N");
    fill.liquidity = order.boolean("m") ? Liquidity::maker : Liquidity::taker;
    const int64_t id = order.whole("t");
    if (id >= 0) fill.exchange_trade_id = std::to_string(id);
    return fill;
  }

  // Constant after construction
  std::optional<std::string> venue_;

  Members event_;
  Members order_;
};

}  // namespace

std::unique_ptr<ReportDecoder> make_binance_reports(std::optional<std::string> venue) {
  return std::make_unique<BinanceReports>(std::move(venue));
}

}  // namespace tapedeck
