#include "feed/report_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tapedeck {
namespace {

// Events of the stream and states of orders.
struct AlpacaWord {
  std::string_view word;
  std::optional<OrderStatus> status;  // nullopt: the order stays as it is
};
constexpr std::array kWords{AlpacaWord{"pending_new", OrderStatus::pending},
                            AlpacaWord{"accepted", OrderStatus::pending},
                            AlpacaWord{"accepted_for_bidding", OrderStatus::pending},
                            AlpacaWord{"held", OrderStatus::pending},
                            AlpacaWord{"new", OrderStatus::submitted},
                            AlpacaWord{"partial_fill", OrderStatus::submitted},
                            AlpacaWord{"partially_filled", OrderStatus::submitted},
                            AlpacaWord{"fill", OrderStatus::submitted},
                            AlpacaWord{"filled", OrderStatus::submitted},
                            AlpacaWord{"canceled", OrderStatus::cancelled},
                            AlpacaWord{"expired", OrderStatus::cancelled},
                            AlpacaWord{"replaced", OrderStatus::cancelled},
                            AlpacaWord{"rejected", OrderStatus::rejected},
                            AlpacaWord{"done_for_day", {}},
                            AlpacaWord{"stopped", {}},
                            AlpacaWord{"suspended", {}},
                            AlpacaWord{"calculated", {}},
                            AlpacaWord{"pending_cancel", {}},
                            AlpacaWord{"pending_replace", {}},
                            AlpacaWord{"restated", {}},
                            AlpacaWord{"order_cancel_rejected", {}},
                            AlpacaWord{"order_replace_rejected", {}}};

const AlpacaWord& known_word(std::string_view name, std::string_view word) {
  const auto* const known = std::ranges::find(kWords, word, &AlpacaWord::word);
  if (known != kWords.end()) return *known;
  throw BadMessage{found(name, "must be one that Alpaca documents", word)};
}

Timestamp time_of(const Members& members, std::string_view name) {
  return time_of_text(name, members.text(name));
}

std::optional<std::string> currency_of(const std::optional<std::string>& asset_class) {
  const bool in_dollars = asset_class == "us_equity" || asset_class == "us_option";
  return in_dollars ? std::optional{std::string{"USD"}} : std::nullopt;
}

class AlpacaReports final : public JsonReports {
 public:
  explicit AlpacaReports(std::string venue) : venue_{std::move(venue)} {}

 private:
  std::optional<ExecutionReport> read(ondemand::object object) override {
    event_.clear();
    order_.clear();
    has_order_ = false;
    take(object);
    if (event_.has("activity_type")) return read_activity();
    if (has_order_ && event_.has("event")) return read_event();
    if (event_.has("client_order_id") && event_.has("status")) return read_rest_order();
    if (event_.has("stream")) return std::nullopt;  // what a stream says of itself
    throw BadMessage{"no trade update, order or account activity of Alpaca"};
  }

  void take(ondemand::object object) {
    for (ondemand::field field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      const bool is_object = value.type() == ondemand::json_type::object;
      if (is_object && key == "data") {
        take(value.get_object());
      } else if (is_object && key == "order") {
        read_members(value.get_object(), order_);
        has_order_ = true;
      } else {
        take_scalar(key, value, event_);
      }
    }
  }

  std::optional<ExecutionReport> read_event() const {
    const std::string_view word = event_.text("event");
    if (word == "trade_bust" || word == "trade_correct") {
      throw BadMessage{found("event",
                             "changes a fill that was told before, which an import does not; use "
                             "`tapedeck fills bust` or `fills amend`",
                             word)};
    }
    const AlpacaWord& event = known_word("event", word);
    if (!event.status) return std::nullopt;
    ExecutionReport report = read_order(order_);
    report.status = *event.status;
    if (is_final(report.status)) report.message = std::string{word};
    report.at =
        event_.has("timestamp") ? time_of(event_, "timestamp") : time_of(order_, "updated_at");
    if (word != "fill" && word != "partial_fill") return report;
    ReportedFill fill;
    // A simulator leaves out the quantity of the fill itself.
    fill.scope = find_text(event_, "qty") ? FillScope::one : FillScope::so_far;
    fill.quantity = fill.scope == FillScope::one ? amount_above_0(event_, "qty")
                                                 : amount_above_0(order_, "filled_qty");
    fill.price = amount_above_0(event_, "price");
    fill.currency = currency_of(find_text(order_, "asset_class"));
    fill.exchange_trade_id = find_text(event_, "execution_id");
    report.fill = fill;
    return report;
  }

  // An order as the REST interface shows it: how much was filled, not how.
  std::optional<ExecutionReport> read_rest_order() const {
    const std::string_view word = event_.text("status");
    ExecutionReport report = read_order(event_);
    report.status = known_word("status", word).status.value_or(OrderStatus::submitted);
    if (is_final(report.status)) report.message = std::string{word};
    const Amount filled = find_amount(event_, "filled_qty").value_or(Amount{});
    const bool is_done = is_final(report.status) || word == "filled";
    if (filled > Amount{} && !is_done) {
      throw BadMessage{found("status",
                             "must be final: the fills of an order that goes on are told by the "
                             "stream and by activities",
                             word)};
    }
    report.at = report.created_at.value_or(Timestamp{});
    for (const std::string_view time :
         {"filled_at", "canceled_at", "expired_at", "failed_at", "replaced_at"}) {
      if (find_text(event_, time)) report.at = std::max(report.at, time_of(event_, time));
    }
    if (filled > Amount{}) {
      report.fill = ReportedFill{.scope = FillScope::all,
                                 .quantity = filled,
                                 .price = amount_above_0(event_, "filled_avg_price"),
                                 .currency = currency_of(find_text(event_, "asset_class"))};
    }
    return report;
  }

  std::optional<ExecutionReport> read_activity() const {
    if (event_.text("activity_type") != "FILL") return std::nullopt;
    ExecutionReport report;
    report.at = time_of(event_, "transaction_time");
    report.instrument = {.venue = venue_, .symbol = std::string{event_.text("symbol")}};
    // Short sales have a word of their own.
    report.side = event_.text("side") == "sell_short" ? OrderSide::sell : side_of(event_, "side");
    report.venue_order_id = find_text(event_, "order_id");
    report.fill = ReportedFill{.quantity = amount_above_0(event_, "qty"),
                               .price = amount_above_0(event_, "price"),
                               .exchange_trade_id = std::string{event_.text("id")}};
    return report;
  }

  ExecutionReport read_order(const Members& order) const {
    ExecutionReport report;
    report.instrument = {.venue = venue_, .symbol = std::string{order.text("symbol")}};
    report.side = side_of(order, "side");
    report.venue_order_id = std::string{order.text("id")};
    report.client_order_id = find_text(order, "client_order_id");
    // One by its value in dollars has none.
    if (find_text(order, "qty")) report.quantity = amount_above_0(order, "qty");
    report.created_at = time_of(order, "created_at");
    report.time_in_force =
        parse_time_in_force(order.find("time_in_force").value_or(std::string_view{}));
    report.extended_hours = order.find("extended_hours") == "true";
    const std::string_view type = order.has("type") ? order.text("type") : order.text("order_type");
    set_type(report, type, find_price(order, "limit_price"), find_price(order, "stop_price"));
    return report;
  }

  // Constant after construction
  std::string venue_;

  Members event_;
  Members order_;
  bool has_order_ = false;
};

}  // namespace

std::unique_ptr<ReportDecoder> make_alpaca_reports(std::string venue) {
  return std::make_unique<AlpacaReports>(std::move(venue));
}

}  // namespace tapedeck
