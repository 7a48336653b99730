#include "cli/answer.hpp"
#include "cli/bar_cells.hpp"
#include "cli/command.hpp"
#include "cli/decimals.hpp"
#include "cli/say.hpp"
#include "tapedeck/query/bars.hpp"
#include "tapedeck/query/given.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace tapedeck {
namespace {

// Why klines of trades may be missing although the store has some.
void hint_at_given_klines(const Store& store, const Instrument& instrument) {
  for (const CoverageRow& row : store.coverage(instrument.id)) {
    if (!row.dataset.starts_with("klines:")) continue;
    say("no trades are stored there, but the venue's own klines are: add --source venue\n");
    return;
  }
}

class KlinesCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("-i,--interval", interval_, "length of a bar: 100ms, 1s, 1m, 1h, 1d, 1w, 1mo …")
        ->capture_default_str()
        ->type_name("INTERVAL");
    app.add_option("--source", source_,
                   "trades: computed from them; venue: as it published them, joined from a finer "
                   "interval where needed; auto: trades where any is stored in the range, else "
                   "venue; any other word: klines stored under that source")
        ->capture_default_str()
        ->type_name("SOURCE");
    add_query_options(app, options_);
  }

  int run() override {
    const BarInterval interval = interval_from("--interval", interval_);
    const Store store = open_store(options_.store, OpenMode::read);
    const Instrument instrument = chosen_instrument(store, options_.instrument);
    if (!from_trades(store, instrument)) {
      run_given(store, instrument, interval);
      return kExitOk;
    }
    const RowQuery query{.columns = kline_columns(instrument),
                         .run =
                             [&](const TapeRequest& request, const EmitRow& emit) {
                               return for_each_kline(store, request, interval,
                                                     [&](const BarAnswer& answer) {
                                                       return emit(kline_cells(answer, instrument));
                                                     });
                             },
                         .row_width = nominal_width(interval)};
    const TapeAnswer answer = print_answer(store, instrument, options_, query);
    if (answer.rows == 0 && !options_.store.quiet) hint_at_given_klines(store, instrument);
    return kExitOk;
  }

 private:
  bool from_trades(const Store& store, const Instrument& instrument) const {
    if (source_ == "auto") {
      const Selection selection = parse_selection(options_.selection);
      return stored_range(store, request_of(store, instrument, selection)).has_value();
    }
    return source_ == "trades";
  }

  void run_given(const Store& store, const Instrument& instrument, BarInterval interval) const {
    const std::string source = source_ == "auto" || source_ == "venue" ? "" : source_;
    QueryOptions options = options_;
    // The newest row is a kline here, so a span is counted back from it.
    if (!options.selection.last.empty()) {
      const Last last = parse_last(options.selection.last);
      parse_selection(options.selection);
      if (last.span) {
        options.selection.last.clear();
        options.selection.from = from_newest_kline(store, instrument, interval, source, *last.span);
      }
    }
    const RowQuery query{
        .columns = given_kline_columns(),
        .run =
            [&](const TapeRequest& request, const EmitRow& emit) {
              const GivenAnswer given = for_each_given_kline(
                  store, {.instrument = instrument, .range = request.range, .source = source},
                  interval, [&](const GivenKline& kline) { return emit(kline_cells(kline)); });
              return TapeAnswer{.scale = instrument.scale,
                                .grains = {},
                                .given = given.made_of ? dataset_of_klines(*given.made_of) : "",
                                .coverage = given.coverage,
                                .rows = given.rows};
            },
        .tail_search = TailSearch::none};
    print_answer(store, instrument, options, query);
  }

  static std::string from_newest_kline(const Store& store, const Instrument& instrument,
                                       BarInterval interval, const std::string& source,
                                       std::chrono::nanoseconds span) {
    std::optional<Timestamp> newest;
    for_each_given_kline(store, {.instrument = instrument, .source = source}, interval,
                         [&](const GivenKline& given) {
                           newest = given.kline.begin;
                           return KeepGoing::go_on;
                         });
    return newest ? to_iso(*newest - span) : std::string{};
  }

  QueryOptions options_;
  std::string interval_ = "1m";
  std::string source_ = "trades";
};

class DeltaCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("-i,--interval", interval_, "length of a row: 100ms, 1s, 1m, 1h, 1d, 1w, 1mo …")
        ->capture_default_str()
        ->type_name("INTERVAL");
    add_query_options(app, options_);
  }

  int run() override {
    const BarInterval interval = interval_from("--interval", interval_);
    const Store store = open_store(options_.store, OpenMode::read);
    const Instrument instrument = chosen_instrument(store, options_.instrument);
    const int qty_exp{instrument.scale.qty_exp};
    const RowQuery query{
        .columns = {{"time", CellType::time},
                    {"buy_volume", CellType::decimal, -qty_exp},
                    {"sell_volume", CellType::decimal, -qty_exp},
                    {"delta", CellType::decimal, -qty_exp},
                    {"cvd", CellType::decimal, -qty_exp}},
        .run =
            [&](const TapeRequest& request, const EmitRow& emit) {
              return for_each_delta(store, request, interval, [&](const DeltaAnswer& row) {
                return emit(std::array<Cell, 5>{
                    row.begin, Decimal{row.buy_volume, qty_exp}, Decimal{row.sell_volume, qty_exp},
                    Decimal{row.volume_delta, qty_exp}, Decimal{row.cvd, qty_exp}});
              });
            },
        .row_width = nominal_width(interval)};
    print_answer(store, instrument, options_, query);
    return kExitOk;
  }

 private:
  QueryOptions options_;
  std::string interval_ = "1m";
};

class BarsCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("--trades", trades_, "a bar ends with its Nth trade")->type_name("N");
    app.add_option("--volume", volume_, "a bar ends when its quantity reaches Q")->type_name("Q");
    app.add_option("--notional", notional_, "a bar ends when price × quantity reaches M")
        ->type_name("M");
    app.add_option("--range", range_, "a bar ends when high − low reaches P")->type_name("P");
    add_query_options(app, options_);
  }

  int run() override {
    require_one_size();
    const Store store = open_store(options_.store, OpenMode::read);
    const Instrument instrument = chosen_instrument(store, options_.instrument);
    const auto [rule, size] = rule_and_size(instrument);
    const BarRule wanted_rule = rule;
    const int128 wanted_size = size;
    std::vector<Column> columns = kline_columns(instrument);
    columns.insert(columns.begin() + 1, {"end", CellType::time});
    const RowQuery query{
        .columns = columns,
        .run =
            [&](const TapeRequest& request, const EmitRow& emit) {
              return for_each_event_bar(
                  store, request, wanted_rule, wanted_size, [&](const BarAnswer& answer) {
                    const KlineCells cells = kline_cells(answer, instrument);
                    std::array<Cell, 13> with_end;
                    with_end[0] = cells[0];
                    with_end[1] = answer.bar.end;
                    std::copy(cells.begin() + 1, cells.end(), with_end.begin() + 2);
                    return emit(with_end);
                  });
            },
        .tail_search = TailSearch::none};
    print_answer(store, instrument, options_, query);
    return kExitOk;
  }

 private:
  void require_one_size() const {
    const int given = (trades_.empty() ? 0 : 1) + (volume_.empty() ? 0 : 1) +
                      (notional_.empty() ? 0 : 1) + (range_.empty() ? 0 : 1);
    if (given == 1) return;
    throw Error{ErrorCode::invalid_argument,
                "bars need exactly one of --trades N, --volume Q, --notional M, --range P"};
  }

  std::pair<BarRule, int128> rule_and_size(const Instrument& instrument) const {
    const Scale scale = instrument.scale;
    if (!trades_.empty()) return {BarRule::trades, count_from("--trades", trades_)};
    if (!volume_.empty()) {
      return {BarRule::volume, exact_units("--volume", volume_, scale.qty_exp)};
    }
    if (!notional_.empty()) {
      const int exponent = scale.price_exp + scale.qty_exp;
      return {BarRule::notional, exact_units("--notional", notional_, exponent)};
    }
    return {BarRule::range, exact_units("--range", range_, scale.price_exp)};
  }

  QueryOptions options_;
  std::string trades_;
  std::string volume_;
  std::string notional_;
  std::string range_;
};

}  // namespace

std::unique_ptr<Command> make_klines_command() {
  return std::make_unique<KlinesCommand>();
}

std::unique_ptr<Command> make_delta_command() {
  return std::make_unique<DeltaCommand>();
}

std::unique_ptr<Command> make_bars_command() {
  return std::make_unique<BarsCommand>();
}

}  // namespace tapedeck
