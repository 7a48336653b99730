#include "cli/ledger_cells.hpp"
#include "cli/ledger_options.hpp"
#include "cli/print_rows.hpp"
#include "tapedeck/ledger/ledger.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

constexpr std::string_view kKinds = "intraday, eod, manual";
constexpr std::string_view kScopes = "all, strategy, instrument, day";
constexpr std::array<std::string_view, 2> kRules{"average", "fifo"};

void add_last_option(CLI::App& app, SelectionOptions& selection) {
  add_range_options(app, selection);
  app.add_option("--last", selection.last, "of the time back from now: 30m, 2h, 7d")
      ->type_name("TIME");
}

class PositionsCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("INSTRUMENT,--instrument", instrument_, "venue:symbol, or a symbol")
        ->type_name("");
    app.add_option("--strategy", strategy_, "of this strategy")->type_name("NAME");
    app.add_flag("--all", flat_too_, "closed ones too");
    app.add_flag("--history", history_, "after each fill and at each mark, newest first");
    app.add_option("--known-at", known_at_,
                   "as the ledger stood then, without what was recorded or corrected later")
        ->type_name("TIME");
    app.add_option("--rule", rule_,
                   "what a sale takes out: average: of the average cost; fifo: of the oldest lot")
        ->capture_default_str()
        ->type_name("RULE");
    add_last_option(app, selection_);
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    const auto rule = static_cast<CostRule>(index_of_word("--rule", rule_, kRules));
    const TimeRange range = ledger_range(selection_, time_now());
    if (range != TimeRange{} && !history_) {
      throw Error{ErrorCode::invalid_argument,
                  "positions are those of now; say --history for a range of time"};
    }
    const Store store = open_store(store_, OpenMode::read);
    const NameChoice names = names_from(instrument_);
    const PositionFilter filter{.venue = names.venue,
                                .symbol = names.symbol,
                                .strategy_id = find_text(strategy_),
                                .flat_too = flat_too_};
    if (history_) {
      return print(position_history(store, filter, range, output_.limit.value_or(kLedgerLimit)));
    }
    if (known_at_.empty() && rule == CostRule::average) return print(positions(store, filter));
    const Timestamp at = find_time("--known-at", known_at_).value_or(Timestamp::max());
    std::vector<PositionSnapshot> rows = fold_positions(ledger_as_known_at(store, at).fills, rule);
    std::erase_if(rows, [&](const PositionSnapshot& row) { return !is_meant(filter, row); });
    return print(rows);
  }

 private:
  static bool is_meant(const PositionFilter& filter, const PositionSnapshot& row) {
    return (!filter.venue || row.key.instrument.venue == *filter.venue) &&
           (!filter.symbol || row.key.instrument.symbol == *filter.symbol) &&
           (!filter.strategy_id || row.key.strategy_id == filter.strategy_id) &&
           (filter.flat_too || side_of(row.position) != PositionSide::flat);
  }
  int print(const std::vector<PositionSnapshot>& rows) const {
    return print_rows(store_, output_, position_columns(), rows, position_row);
  }

  StoreChoice store_;
  OutputOptions output_;
  SelectionOptions selection_;
  std::string instrument_;
  std::string strategy_;
  std::string known_at_;
  std::string rule_ = "average";
  bool flat_too_ = false;
  bool history_ = false;
};

class PortfolioCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    list_ = app.add_subcommand("list", "snapshots, newest first");
    list_->add_option("--kind", kind_, fmt::format("{}", kKinds))->type_name("KIND");
    add_last_option(*list_, selection_);
    add_output_options(*list_, output_);
    add_store_options(*list_, store_);
    snapshot_ = app.add_subcommand("snapshot", "what cash and positions are worth, kept");
    snapshot_->add_option("--cash", cash_, "the balance, in the currency of the prices")
        ->required();
    snapshot_->add_option("--kind", kind_, fmt::format("{}; default: manual", kKinds))
        ->type_name("KIND");
    snapshot_->add_option("--at", at_, "default: now")->type_name("TIME");
    add_output_options(*snapshot_, output_);
    add_store_options(*snapshot_, store_);
    mark_ = app.add_subcommand(
        "mark", "value the positions of an instrument at a price, or all at what the tape says");
    mark_->add_option("INSTRUMENT", instrument_, "venue:symbol")->type_name("");
    mark_->add_option("PRICE", price_)->type_name("");
    mark_->add_flag("--tape", tape_,
                    "every open position: the venue's mark price, else the last trade or quote");
    mark_->add_option("--at", at_, "default: now")->type_name("TIME");
    add_output_options(*mark_, output_);
    add_store_options(*mark_, store_);
    app.require_subcommand(0, 1);
  }

  int run() override {
    if (list_->parsed()) return list();
    if (!snapshot_->parsed() && !mark_->parsed()) {
      throw Error{ErrorCode::invalid_argument, "portfolio needs one of: list, snapshot, mark"};
    }
    Store store = open_store(store_, OpenMode::write);
    Ledger ledger{store, "manual"};
    if (mark_->parsed()) return mark(store, ledger);
    SnapshotOptions options{.at = find_time("--at", at_)};
    if (!kind_.empty()) options.kind = word_from("--kind", kind_, kKinds, parse_snapshot_kind);
    return print({ledger.take_snapshot(amount_from("--cash", cash_), options)});
  }

 private:
  int print(const std::vector<PortfolioSnapshot>& rows) const {
    return print_rows(store_, output_, portfolio_columns(), rows, portfolio_row);
  }

  int list() const {
    PortfolioFilter filter{.taken = ledger_range(selection_, time_now()),
                           .limit = output_.limit.value_or(kLedgerLimit)};
    if (!kind_.empty()) filter.kind = word_from("--kind", kind_, kKinds, parse_snapshot_kind);
    return print(portfolio_snapshots(open_store(store_, OpenMode::read), filter));
  }

  int mark(const Store& store, Ledger& ledger) const {
    if (tape_) {
      if (!instrument_.empty()) {
        throw Error{ErrorCode::invalid_argument,
                    "--tape values every position; leave the instrument out"};
      }
      ledger.mark_to_tape(find_time("--at", at_));
      return print_rows(store_, output_, position_columns(), positions(store), position_row);
    }
    const PositionMark one{.instrument = name_from("INSTRUMENT", instrument_),
                           .at = find_time("--at", at_).value_or(time_now()),
                           .price = amount_from("PRICE", price_)};
    ledger.mark(std::span{&one, 1});
    return print_rows(
        store_, output_, position_columns(),
        positions(store, {.venue = one.instrument.venue, .symbol = one.instrument.symbol}),
        position_row);
  }

  StoreChoice store_;
  OutputOptions output_;
  SelectionOptions selection_;
  std::string kind_;
  std::string cash_;
  std::string at_;
  std::string instrument_;
  std::string price_;
  bool tape_ = false;
  CLI::App* list_ = nullptr;
  CLI::App* snapshot_ = nullptr;
  CLI::App* mark_ = nullptr;
};

class PnlCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("INSTRUMENT,--instrument", instrument_, "venue:symbol, or a symbol")
        ->type_name("");
    app.add_option("--strategy", strategy_, "of this strategy")->type_name("NAME");
    app.add_option("--by", scope_, fmt::format("one row for {}", kScopes))
        ->capture_default_str()
        ->type_name("SCOPE");
    app.add_flag("--curve", curve_, "profit over time instead, at each fill and mark");
    app.add_flag("--keep", keep_, "keep the rows in performance_history");
    add_last_option(app, selection_);
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    const PerformanceScope scope = word_from("--by", scope_, kScopes, parse_performance_scope);
    const NameChoice names = names_from(instrument_);
    const PerformanceFilter filter{.venue = names.venue,
                                   .symbol = names.symbol,
                                   .strategy_id = find_text(strategy_),
                                   .executed = ledger_range(selection_, time_now())};
    if (curve_ && keep_) {
      throw Error{ErrorCode::invalid_argument,
                  "--keep is for summaries: performance_history has no place for a curve"};
    }
    Store store = open_store(store_, keep_ ? OpenMode::write : OpenMode::read);
    if (curve_) {
      return print_rows(store_, output_, equity_columns(), equity_curve(store, filter), equity_row);
    }
    const std::vector<PerformanceSummary> summaries = performance(store, filter, scope);
    if (keep_) keep_performance(store, summaries);
    return print_rows(store_, output_, performance_columns(), summaries, performance_row);
  }

 private:
  StoreChoice store_;
  OutputOptions output_;
  SelectionOptions selection_;
  std::string instrument_;
  std::string strategy_;
  std::string scope_ = "all";
  bool curve_ = false;
  bool keep_ = false;
};

}  // namespace

std::unique_ptr<Command> make_positions_command() {
  return std::make_unique<PositionsCommand>();
}

std::unique_ptr<Command> make_portfolio_command() {
  return std::make_unique<PortfolioCommand>();
}

std::unique_ptr<Command> make_pnl_command() {
  return std::make_unique<PnlCommand>();
}

}  // namespace tapedeck
