#include "cli/ledger_cells.hpp"
#include "cli/ledger_options.hpp"
#include "cli/print_rows.hpp"
#include "cli/say.hpp"
#include "tapedeck/ingest/ledger_import.hpp"
#include "tapedeck/ledger/ledger.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

constexpr std::string_view kSides = "buy, sell";
constexpr std::string_view kTypes = "market, limit, stop, stop_limit";
constexpr std::string_view kFormats = "auto, binance, alpaca, csv";
constexpr std::string_view kStatuses = "pending, submitted, partial, filled, cancelled, rejected";

// As typed; empty where not given.
struct FilterOptions {
  std::string instrument;
  std::string strategy;
  std::string status;
  std::string order;
  std::string correlation_id;
  SelectionOptions selection;
};

void add_filter_options(CLI::App& app, FilterOptions& filter) {
  app.add_option("INSTRUMENT,--instrument", filter.instrument, "venue:symbol, or a symbol")
      ->type_name("");
  app.add_option("--strategy", filter.strategy, "of this strategy")->type_name("NAME");
  app.add_option("--correlation-id", filter.correlation_id, "under this id")->type_name("UUID");
  add_range_options(app, filter.selection);
  app.add_option("--last", filter.selection.last, "of the time back from now: 30m, 2h, 7d")
      ->type_name("TIME");
}

class OrdersCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    list_ = app.add_subcommand("list", "orders as they stand, newest first");
    add_filter_options(*list_, filter_);
    list_->add_option("--status", filter_.status, fmt::format("{}", kStatuses))
        ->type_name("STATUS");
    add_shared(*list_);
    history_ = app.add_subcommand("history", "every state that an order got into");
    add_id(*history_);
    add_shared(*history_);
    create_ = app.add_subcommand("create", "a new order");
    create_->add_option("--instrument", filter_.instrument, "venue:symbol")->required();
    create_->add_option("--side", side_, fmt::format("{}", kSides))->required();
    create_->add_option("--quantity", quantity_)->required();
    create_->add_option("--price", price_, "of a limit");
    create_->add_option("--stop-price", stop_price_, "of a stop");
    create_->add_option("--type", type_, fmt::format("{}; default: from the prices", kTypes));
    create_->add_option("--strategy", filter_.strategy)->type_name("NAME");
    create_->add_option("--client-order-id", client_id_, "the same twice is one order");
    create_->add_option("--take-profit", take_profit_, "also a limit that closes it again");
    create_->add_option("--stop-loss", stop_loss_, "also a stop that closes it again");
    add_shared(*create_);
    status_ = app.add_subcommand("set-status", "an order moved on");
    add_id(*status_);
    status_->add_option("STATUS", filter_.status, fmt::format("{}", kStatuses))
        ->required()
        ->type_name("");
    status_->add_option("--message", message_, "why");
    add_shared(*status_);
    amend_ = app.add_subcommand("amend", "new terms of an open order");
    add_id(*amend_);
    amend_->add_option("--quantity", quantity_);
    amend_->add_option("--price", price_);
    amend_->add_option("--stop-price", stop_price_);
    add_shared(*amend_);
    app.require_subcommand(0, 1);
  }

  int run() override {
    if (list_->parsed()) return list();
    if (history_->parsed()) return history();
    if (create_->parsed()) return create();
    if (status_->parsed()) return set_status();
    if (amend_->parsed()) return amend();
    throw Error{ErrorCode::invalid_argument,
                "orders needs one of: list, history, create, set-status, amend"};
  }

 private:
  void add_shared(CLI::App& app) {
    add_output_options(app, output_);
    add_store_options(app, store_);
  }
  void add_id(CLI::App& app) {
    app.add_option("ORDER", filter_.order, "its order_id, or its client_order_id")
        ->required()
        ->type_name("");
  }

  int print(const std::vector<Order>& rows) const {
    return print_rows(store_, output_, order_columns(), rows, order_row);
  }

  int list() const {
    const NameChoice names = names_from(filter_.instrument);
    OrderFilter filter{.venue = names.venue,
                       .symbol = names.symbol,
                       .strategy_id = find_text(filter_.strategy),
                       .correlation_id = find_uuid("--correlation-id", filter_.correlation_id),
                       .created = ledger_range(filter_.selection, time_now()),
                       .limit = output_.limit.value_or(kLedgerLimit)};
    if (!filter_.status.empty()) {
      filter.status = word_from("--status", filter_.status, kStatuses, parse_order_status);
    }
    return print(orders(open_store(store_, OpenMode::read), filter));
  }

  int history() const {
    const Store store = open_store(store_, OpenMode::read);
    return print_rows(store_, output_, order_state_columns(),
                      order_history(store, named_order(store).order_id), order_state_row);
  }

  Order named_order(const Store& store) const {
    std::optional<Order> order;
    if (const auto id = parse_uuid(filter_.order)) order = find_order(store, *id);
    if (!order) order = find_order_by_client_id(store, filter_.order);
    if (order) return *order;
    throw Error{
        ErrorCode::not_found,
        fmt::format("the ledger has no order '{}'; see `tapedeck orders list`", filter_.order)};
  }

  int create() const {
    NewOrder order{.instrument = name_from("--instrument", filter_.instrument),
                   .side = word_from("--side", side_, kSides, parse_order_side),
                   .quantity = amount_from("--quantity", quantity_),
                   .price = find_amount("--price", price_),
                   .stop_price = find_amount("--stop-price", stop_price_),
                   .strategy_id = find_text(filter_.strategy),
                   .client_order_id = find_text(client_id_)};
    if (!type_.empty()) order.type = word_from("--type", type_, kTypes, parse_order_type);
    Store store = open_store(store_, OpenMode::create);
    Ledger ledger{store, "manual"};
    if (take_profit_.empty() && stop_loss_.empty()) return print({ledger.create_order(order)});
    return print(ledger.create_bracket({.entry = order,
                                        .take_profit = find_amount("--take-profit", take_profit_),
                                        .stop_loss = find_amount("--stop-loss", stop_loss_)}));
  }

  int set_status() const {
    Store store = open_store(store_, OpenMode::write);
    const Order order = named_order(store);
    return print({Ledger{store, "manual"}.update_status(
        order.order_id, word_from("STATUS", filter_.status, kStatuses, parse_order_status),
        {.message = find_text(message_)})});
  }

  int amend() const {
    Store store = open_store(store_, OpenMode::write);
    const Order order = named_order(store);
    return print({Ledger{store, "manual"}.amend_order(
        {.order_id = order.order_id,
         .at = time_now(),
         .quantity = find_amount("--quantity", quantity_),
         .price = find_amount("--price", price_),
         .stop_price = find_amount("--stop-price", stop_price_)})});
  }

  StoreChoice store_;
  OutputOptions output_;
  FilterOptions filter_;
  std::string side_;
  std::string type_;
  std::string quantity_;
  std::string price_;
  std::string stop_price_;
  std::string client_id_;
  std::string take_profit_;
  std::string stop_loss_;
  std::string message_;
  CLI::App* list_ = nullptr;
  CLI::App* history_ = nullptr;
  CLI::App* create_ = nullptr;
  CLI::App* status_ = nullptr;
  CLI::App* amend_ = nullptr;
};

class FillsCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    list_ = app.add_subcommand("list", "fills that count, newest first, and what each realised");
    add_filter_options(*list_, filter_);
    list_->add_option("--order", filter_.order, "of this order_id")->type_name("UUID");
    add_shared(*list_);
    add_ = app.add_subcommand("add", "a fill of an order");
    add_->add_option("--order", filter_.order, "its order_id or client_order_id")->required();
    add_->add_option("--quantity", quantity_)->required();
    add_->add_option("--price", price_)->required();
    add_->add_option("--at", at_, "when the venue executed it; default: now")->type_name("TIME");
    add_->add_option("--commission", commission_);
    add_->add_option("--fee-currency", currency_, "default: that of the price");
    add_->add_option("--exchange-trade-id", trade_id_, "the same twice is one fill");
    add_shared(*add_);
    bust_ = app.add_subcommand("bust", "the venue took a fill back");
    bust_->add_option("FILL", fill_, "its fill_id")->required()->type_name("");
    bust_->add_option("--reason", reason_)->required();
    add_store_options(*bust_, store_);
    amend_ = app.add_subcommand("amend", "a fill was another than was said");
    amend_->add_option("FILL", fill_, "its fill_id")->required()->type_name("");
    amend_->add_option("--quantity", quantity_);
    amend_->add_option("--price", price_);
    amend_->add_option("--reason", reason_)->required();
    add_store_options(*amend_, store_);
    import_ = app.add_subcommand("import", "orders and fills from histories of venues and brokers");
    import_->add_option("FILE", files_, "JSON, JSON lines or CSV; gzip too")
        ->required()
        ->type_name("");
    import_->add_option("--format", format_, fmt::format("{}; default: auto", kFormats))
        ->type_name("FORMAT");
    import_->add_option("--venue", venue_, "whatever the file says")->type_name("NAME");
    import_->add_option("--mapping", mapping_, "of CSV: which column holds what (TOML)")
        ->type_name("FILE");
    add_store_options(*import_, store_);
    app.require_subcommand(0, 1);
  }

  int run() override {
    if (list_->parsed()) return list();
    if (import_->parsed()) return import_files();
    if (!add_->parsed() && !bust_->parsed() && !amend_->parsed()) {
      throw Error{ErrorCode::invalid_argument,
                  "fills needs one of: list, add, bust, amend, import"};
    }
    Store store = open_store(store_, OpenMode::write);
    Ledger ledger{store, "manual"};
    if (add_->parsed()) return add(store, ledger);
    const Uuid id = uuid_from("FILL", fill_);
    if (bust_->parsed()) {
      ledger.bust_fill(id, reason_);
    } else {
      Fill fill = known_fill(store, id);
      if (const auto quantity = find_amount("--quantity", quantity_)) fill.quantity = *quantity;
      if (const auto price = find_amount("--price", price_)) fill.price = *price;
      ledger.amend_fill(fill, reason_);
    }
    return kExitOk;
  }

 private:
  void add_shared(CLI::App& app) {
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int list() const {
    const NameChoice names = names_from(filter_.instrument);
    const FillFilter filter{.venue = names.venue,
                            .symbol = names.symbol,
                            .strategy_id = find_text(filter_.strategy),
                            .order_id = find_uuid("--order", filter_.order),
                            .correlation_id = find_uuid("--correlation-id", filter_.correlation_id),
                            .executed = ledger_range(filter_.selection, time_now()),
                            .limit = output_.limit.value_or(kLedgerLimit)};
    return print_rows(store_, output_, fill_columns(),
                      fills(open_store(store_, OpenMode::read), filter), fill_row);
  }

  int add(const Store& store, Ledger& ledger) const {
    std::optional<Order> order;
    if (const auto id = parse_uuid(filter_.order)) order = find_order(store, *id);
    if (!order) order = find_order_by_client_id(store, filter_.order);
    if (!order) {
      throw Error{
          ErrorCode::not_found,
          fmt::format("the ledger has no order '{}'; see `tapedeck orders list`", filter_.order)};
    }
    const Fill fill = ledger.record_fill(
        {.order_id = order->order_id,
         .quantity = amount_from("--quantity", quantity_),
         .price = amount_from("--price", price_),
         .executed_at = find_time("--at", at_).value_or(time_now()),
         .commission = find_amount("--commission", commission_).value_or(Amount{}),
         .fee_currency = find_text(currency_),
         .exchange_trade_id = find_text(trade_id_)});
    std::vector<FillWithEffect> rows = fills(store, {.order_id = order->order_id});
    std::erase_if(rows,
                  [&](const FillWithEffect& row) { return row.fill.fill_id != fill.fill_id; });
    return print_rows(store_, output_, fill_columns(), rows, fill_row);
  }

  // A file that cannot be read does not stop the others.
  int import_files() const {
    LedgerImportOptions options{.venue = find_text(venue_)};
    if (!format_.empty()) {
      options.format = word_from("--format", format_, kFormats, parse_ledger_format);
    }
    if (!mapping_.empty()) options.mapping = mapping_;
    check_files();  // before the store is opened: a mistyped path makes none
    Store store = open_store(store_, OpenMode::create);
    Output output{output_};
    output.begin(ledger_import_columns());
    bool any = false;
    std::vector<std::string> failures;
    for (const std::string& file : files_) {
      try {
        const LedgerImportResult result = import_ledger_file(store, file, options);
        any = any || found_anything(result);
        if (output.row(ledger_import_row(file, result).cells()) == KeepGoing::stop) break;
      } catch (const Error& error) {
        const bool of_file = error.code() == ErrorCode::bad_input ||
                             error.code() == ErrorCode::invalid_argument ||
                             error.code() == ErrorCode::checksum_mismatch;
        if (!of_file) throw;
        failures.emplace_back(error.what());
      }
    }
    output.end();
    for (const std::string& failure : failures)
      say("{}\n", failure);
    return any && failures.empty() ? kExitOk : kExitFailure;
  }

  void check_files() const {
    std::vector<std::string> paths = files_;
    if (!mapping_.empty()) paths.push_back(mapping_);
    for (const std::string& path : paths) {
      if (std::filesystem::exists(path)) continue;
      throw Error{ErrorCode::not_found, fmt::format("there is no '{}'", path)};
    }
  }

  static bool found_anything(const LedgerImportResult& result) {
    return result.orders + result.fills + result.status_changes + result.duplicates +
               result.skipped >
           0;
  }

  static Fill known_fill(const Store& store, const Uuid& id) {
    if (const std::optional<Fill> fill = find_fill(store, id)) return *fill;
    throw Error{ErrorCode::not_found,
                fmt::format("the ledger has no fill {} that counts; see `tapedeck fills list`",
                            to_text(id))};
  }

  StoreChoice store_;
  OutputOptions output_;
  FilterOptions filter_;
  std::string quantity_;
  std::string price_;
  std::string at_;
  std::string commission_;
  std::string currency_;
  std::string trade_id_;
  std::string fill_;
  std::string reason_;
  std::vector<std::string> files_;
  std::string format_;
  std::string venue_;
  std::string mapping_;
  CLI::App* list_ = nullptr;
  CLI::App* add_ = nullptr;
  CLI::App* bust_ = nullptr;
  CLI::App* amend_ = nullptr;
  CLI::App* import_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_orders_command() {
  return std::make_unique<OrdersCommand>();
}

std::unique_ptr<Command> make_fills_command() {
  return std::make_unique<FillsCommand>();
}

}  // namespace tapedeck
