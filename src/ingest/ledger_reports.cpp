#include "ingest/ledger_reports.hpp"

#include "base/json_text.hpp"
#include "store/core.hpp"
#include "store/fill_rows.hpp"
#include "store/ledger_call.hpp"
#include "store/live_ledger.hpp"
#include "store/order_rows.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tapedeck {
namespace {

constexpr std::string_view kSource = "import";
constexpr size_t kMostIdBytes = 255;  // as the ledger takes them
constexpr const char* kSynthetic = R"({"synthetic":true})";

tl::unexpected<std::string> refused(std::string reason) {
  return tl::make_unexpected(std::move(reason));
}

// Venues number orders by instrument.
Uuid id_of_order(const InstrumentName& instrument, const std::string& venue_order_id) {
  return named_uuid(fmt::format("order {} {}", to_text(instrument), venue_order_id));
}

// One that is made for a fill whose order is not told.
Uuid id_of_synthetic_order(const Uuid& fill_id) {
  return named_uuid(fmt::format("order of fill {}", to_text(fill_id)));
}

// Why the ledger would refuse a word.
Field<void> check_word(std::string_view name, const std::optional<std::string>& word) {
  if (!word) return {};
  if (word->empty()) return refused(fmt::format("{} is empty", name));
  if (word->size() > kMostIdBytes) {
    return refused(
        fmt::format("{} has {} bytes, and may have {}", name, word->size(), kMostIdBytes));
  }
  if (word->find('\x1f') != std::string::npos) {
    return refused(fmt::format("{} holds the control character 0x1f", name));
  }
  return {};
}

Field<void> check(const ExecutionReport& report) {
  const InstrumentName& name = report.instrument;
  if (parse_instrument_name(to_text(name)) != name) {
    return refused(fmt::format("'{}' is no instrument: a symbol has neither blanks nor colons",
                               to_text(name)));
  }
  static const std::optional<std::string> absent;
  const auto of_fill = [&](std::optional<std::string> ReportedFill::*word) -> const auto& {
    return report.fill ? (*report.fill).*word : absent;
  };
  for (const auto& [field, word] :
       std::initializer_list<std::pair<std::string_view, const std::optional<std::string>&>>{
           {"order_id", report.venue_order_id},
           {"client_order_id", report.client_order_id},
           {"strategy", report.strategy_id},
           {"trade_id", of_fill(&ReportedFill::exchange_trade_id)},
           {"fee_currency", of_fill(&ReportedFill::fee_currency)},
           {"currency", of_fill(&ReportedFill::currency)}}) {
    if (auto checked = check_word(field, word); !checked) return checked;
  }
  return {};
}

// The fill that a report tells of, without its ids.
Fill fill_of(const ExecutionReport& report) {
  const ReportedFill& told = *report.fill;
  return {.fill_id = {},
          .order_id = {},
          .instrument = report.instrument,
          .strategy_id = report.strategy_id,
          .side = report.side,
          .quantity = told.quantity,
          .price = told.price,
          .executed_at = report.at,
          .commission = told.commission,
          .fees = told.fees,
          .fee_currency = told.fee_currency,
          .currency = told.currency,
          .liquidity = told.liquidity,
          .exchange_trade_id = told.exchange_trade_id,
          .correlation_id = {}};
}

bool has_other_terms(const Order& order, const ExecutionReport& report) {
  return order.quantity != *report.quantity || (report.price && order.price != report.price) ||
         (report.stop_price && order.stop_price != report.stop_price);
}

}  // namespace

LedgerReports::LedgerReports(Store& store) : store_{store} {
  store_.core().live_ledger().settle();  // what is known is read from the tables
}

void LedgerReports::take(std::span<const ReportRow> rows) {
  std::vector<const ReportRow*> sound;
  const auto refuse = [&](const ReportRow& row, std::string reason) {
    ++result_.rejects;
    errors_.push_back({.line = row.line, .reason = std::move(reason), .text = row.text});
  };
  for (const ReportRow& row : rows) {
    if (auto checked = check(row.report)) {
      sound.push_back(&row);
    } else {
      refuse(row, std::move(checked.error()));
    }
  }
  load(sound);
  Phases phases;
  phase_of_order_.clear();
  for (const ReportRow* const row : sound) {
    try {
      if (auto taken = take(row->report, phases); !taken) refuse(*row, std::move(taken.error()));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::out_of_range) throw;  // a sum that no amount holds
      refuse(*row, error.what());
    }
  }
  write(std::move(phases));
}

// What the ledger knows of the orders and fills that the rows name.
void LedgerReports::load(std::span<const ReportRow* const> rows) {
  std::vector<Uuid> orders;
  std::vector<std::string> client_ids;
  std::vector<Uuid> fills;
  std::vector<std::string> trades;
  auto equal_fills = equal_fills_;
  for (const ReportRow* const row : rows) {
    const ExecutionReport& report = row->report;
    if (report.venue_order_id) {
      const Uuid id = id_of_order(report.instrument, *report.venue_order_id);
      if (!orders_.contains(id)) orders.push_back(id);
    }
    if (report.client_order_id && !client_ids_.contains(*report.client_order_id)) {
      client_ids.push_back(*report.client_order_id);
    }
    if (!report.fill) continue;
    const Uuid id = fill_id_of(report);
    fills.push_back(id);
    orders.push_back(id_of_synthetic_order(id));
    if (report.fill->exchange_trade_id) trades.push_back(*report.fill->exchange_trade_id);
  }
  equal_fills_ = std::move(equal_fills);  // they are counted again when the rows are taken
  const auto reader = store_.core().borrow_reader();
  for (OrderRow& row : orders_by_id(*reader, orders))
    keep(row.order);
  for (OrderRow& row : orders_by_client_id(*reader, client_ids))
    keep(row.order);
  std::vector<FillVersion> versions = versions_of_fills(*reader, fills);
  for (FillVersion& version : versions_by_trade_id(*reader, trades))
    versions.push_back(std::move(version));
  for (const FillVersion& version : versions) {
    // What was said first is what a second message says.
    if (version.kind == "fill") keep(version.row.fill);
  }
}

void LedgerReports::keep(const Order& order) {
  if (orders_.try_emplace(order.order_id, order).second) {
    client_ids_.emplace(order.client_order_id, order.order_id);
  }
}

void LedgerReports::keep(const Fill& fill) {
  if (!fills_.try_emplace(fill.fill_id, fill).second) return;
  if (fill.exchange_trade_id) trades_.emplace(trade_key(fill), fill.fill_id);
}

// From the venue's number, else from the content and how often it came before.
Uuid LedgerReports::fill_id_of(const ExecutionReport& report) {
  const Fill fill = fill_of(report);
  if (fill.exchange_trade_id) return id_of_trade(fill);
  const std::string content = fmt::format(
      "fill {} {} {} {} {} {} {}\x1f{}\x1f{}\x1f{}", to_text(fill.instrument), to_text(fill.side),
      to_epoch_ns(fill.executed_at), to_text(fill.quantity), to_text(fill.price),
      to_text(fill.commission), to_text(fill.fees), fill.fee_currency.value_or(""),
      fill.strategy_id.value_or(""), report.venue_order_id.value_or(""));
  const int64_t before = equal_fills_[named_uuid(content)]++;
  return named_uuid(fmt::format("{} #{}", content, before));
}

Field<bool> LedgerReports::is_known(const Fill& fill, FillScope scope) const {
  auto found = fills_.find(fill.fill_id);
  if (found == fills_.end() && fill.exchange_trade_id) {
    const auto trade = trades_.find(trade_key(fill));
    if (trade != trades_.end()) found = fills_.find(trade->second);
  }
  if (found == fills_.end()) return false;
  const Fill& known = found->second;
  const bool same = known.price == fill.price && known.executed_at == fill.executed_at &&
                    known.commission == fill.commission && known.fees == fill.fees &&
                    known.fee_currency == fill.fee_currency &&
                    (scope != FillScope::one || known.quantity == fill.quantity);
  if (same) return true;
  return refused(
      fmt::format("fill {} of {} is in the ledger with other content: {} {} at {}; "
                  "amend it if it was wrong",
                  fill.exchange_trade_id.value_or(to_text(fill.fill_id)), to_text(fill.instrument),
                  to_text(known.side), to_text(known.quantity), to_text(known.price)));
}

// By its number, or one that was sent from here under the same client_order_id.
const Order* LedgerReports::find_order(const ExecutionReport& report) const {
  if (report.venue_order_id) {
    const auto known = orders_.find(id_of_order(report.instrument, *report.venue_order_id));
    if (known != orders_.end()) return &known->second;
  }
  if (!report.client_order_id) return nullptr;
  const auto id = client_ids_.find(*report.client_order_id);
  if (id == client_ids_.end()) return nullptr;
  const Order& order = orders_.at(id->second);
  const bool same = order.instrument == report.instrument && order.side == report.side &&
                    (!order.venue_order_id || !report.venue_order_id ||
                     order.venue_order_id == report.venue_order_id);
  return same ? &order : nullptr;
}

// `fill`: that the order is made for, where the report does not tell its terms.
LedgerReports::Plan LedgerReports::plan_for(const ExecutionReport& report, const Uuid& order_id,
                                            const Fill* fill) const {
  Plan plan{.order = {}, .is_new = true, .entries = {}};
  Order& order = plan.order;
  order.order_id = order_id;
  order.client_order_id = to_text(order_id);
  // Venues let a client's id be used again when its order is done.
  if (fill == nullptr && report.client_order_id && !client_ids_.contains(*report.client_order_id)) {
    order.client_order_id = *report.client_order_id;
  }
  order.venue_order_id = report.venue_order_id;
  order.instrument = report.instrument;
  order.strategy_id = report.strategy_id;
  order.side = report.side;
  order.type = fill != nullptr ? OrderType::market : report.type;
  order.quantity = fill != nullptr ? fill->quantity : *report.quantity;
  order.created_at = report.created_at.value_or(report.at);
  order.correlation_id =
      report.venue_order_id ? id_of_order(report.instrument, *report.venue_order_id) : order_id;
  if (fill != nullptr) {
    order.metadata = kSynthetic;
  } else {
    order.time_in_force = report.time_in_force;
    order.price = report.price;
    order.stop_price = report.stop_price;
    order.extended_hours = report.extended_hours;
    if (report.venue_type) {
      std::string metadata = "{\"venue_type\":";
      append_json_text(metadata, *report.venue_type);
      order.metadata = metadata + "}";
    }
  }
  plan.entries.emplace_back(OrderEntry{order});
  return plan;
}

Field<void> LedgerReports::take(const ExecutionReport& report, Phases& phases) {
  std::optional<Fill> fill;
  bool is_known_fill = false;
  if (report.fill) {
    fill = fill_of(report);
    fill->fill_id = fill_id_of(report);
    const auto known = is_known(*fill, report.fill->scope);
    if (!known) return refused(known.error());
    is_known_fill = *known;
  }
  const Order* const known = find_order(report);
  Plan plan;
  if (known != nullptr) {
    if (known->side != report.side) {
      return refused(fmt::format("order '{}' is to {}, not to {}", known->client_order_id,
                                 to_text(known->side), to_text(report.side)));
    }
    plan.order = *known;
  } else if (report.quantity && report.venue_order_id) {
    plan = plan_for(report, id_of_order(report.instrument, *report.venue_order_id), nullptr);
  } else if (!fill) {
    ++result_.skipped;  // a word about an order whose terms nobody told
    return {};
  } else if (!is_known_fill) {
    plan = plan_for(report, id_of_synthetic_order(fill->fill_id), &*fill);
  }
  if (fill && !is_known_fill) {
    if (auto planned = plan_fill(report, *fill, plan); !planned) return planned;
  }
  const bool has_order = known != nullptr || plan.is_new;
  if (has_order) {
    if (auto planned = plan_moves(report, plan); !planned) return planned;
  }
  if (plan.entries.empty()) {
    ++result_.duplicates;
  } else {
    accept(std::move(plan), phases);
  }
  return {};
}

Field<void> LedgerReports::plan_entry(const OrderEntry& entry, Plan& plan) const {
  const auto apply_to = [&](const auto& change) -> Field<void> {
    if (auto reason = refusal(plan.order, change)) return refused(std::move(*reason));
    apply(plan.order, change);
    plan.entries.emplace_back(OrderEntry{change});
    return {};
  };
  if (const auto* const change = std::get_if<StatusChange>(&entry)) return apply_to(*change);
  return apply_to(std::get<OrderAmendment>(entry));
}

Field<void> LedgerReports::plan_fill(const ExecutionReport& report, const Fill& told,
                                     Plan& plan) const {
  Fill fill = told;
  Order& order = plan.order;
  if (report.fill->scope != FillScope::one) {
    if (fill.quantity == order.filled_quantity) return {};
    const bool any = order.filled_quantity > Amount{};
    if (fill.quantity < order.filled_quantity || (any && report.fill->scope == FillScope::all)) {
      return refused(
          fmt::format("it says that {} were filled in all, and the ledger has fills of {}",
                      to_text(fill.quantity), to_text(order.filled_quantity)));
    }
    fill.quantity = fill.quantity - order.filled_quantity;
  }
  if (order.status == OrderStatus::pending) {
    const StatusChange sent{.order_id = order.order_id,
                            .status = OrderStatus::submitted,
                            .at = report.created_at.value_or(report.at),
                            .venue_order_id = report.venue_order_id};
    if (auto planned = plan_entry(sent, plan); !planned) return planned;
  }
  fill.order_id = order.order_id;
  fill.strategy_id = order.strategy_id;
  fill.correlation_id = order.correlation_id;
  if (auto reason = refusal(order, fill)) return refused(std::move(*reason));
  apply(order, fill);
  plan.entries.emplace_back(std::move(fill));
  return {};
}

Field<void> LedgerReports::plan_moves(const ExecutionReport& report, Plan& plan) const {
  const Order& order = plan.order;
  if (report.amended && report.quantity && !is_final(order.status) &&
      has_other_terms(order, report)) {
    const OrderAmendment amendment{.order_id = order.order_id,
                                   .at = report.at,
                                   .quantity = report.quantity,
                                   .price = report.price,
                                   .stop_price = report.stop_price};
    if (auto planned = plan_entry(amendment, plan); !planned) return planned;
  }
  const bool moves = is_final(report.status) ? order.status != report.status
                                             : report.status == OrderStatus::submitted &&
                                                   order.status == OrderStatus::pending;
  if (!moves) return {};
  return plan_entry(StatusChange{.order_id = order.order_id,
                                 .status = report.status,
                                 .at = report.at,
                                 .message = report.message,
                                 .venue_order_id = report.venue_order_id},
                    plan);
}

void LedgerReports::accept(Plan plan, Phases& phases) {
  if (plan.is_new) ++result_.orders;
  size_t& phase = phase_of_order_[plan.order.order_id];
  for (Entry& entry : plan.entries) {
    const bool is_fill = std::holds_alternative<Fill>(entry);
    if ((phase % 2 != 0) != is_fill) ++phase;
    if (phases.size() <= phase) phases.resize(phase + 1);
    if (is_fill) {
      ++result_.fills;
      keep(std::get<Fill>(entry));
    } else if (!std::holds_alternative<Order>(std::get<OrderEntry>(entry))) {
      ++result_.status_changes;
    }
    phases[phase].push_back(std::move(entry));
  }
  keep(plan.order);
  orders_.insert_or_assign(plan.order.order_id, std::move(plan.order));
}

void LedgerReports::write(Phases phases) {
  LiveLedger& ledger = store_.core().live_ledger();
  for (std::vector<Entry>& phase : phases) {
    OrderRows orders{.source = std::string{kSource}};
    FillRows fills{.source = std::string{kSource}};
    for (Entry& entry : phase) {
      if (auto* const fill = std::get_if<Fill>(&entry)) {
        fills.entries.emplace_back(std::move(*fill));
      } else {
        orders.entries.push_back(std::move(std::get<OrderEntry>(entry)));
      }
    }
    if (!orders.entries.empty()) ledger.write(orders);
    if (!fills.entries.empty()) ledger.write(fills);
  }
}

}  // namespace tapedeck
