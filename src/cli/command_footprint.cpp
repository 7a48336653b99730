#include "cli/answer.hpp"
#include "cli/book_options.hpp"
#include "cli/command.hpp"
#include "cli/completeness.hpp"
#include "cli/decimals.hpp"
#include "cli/interrupt.hpp"
#include "tapedeck/query/footprints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace tapedeck {
namespace {

struct StepOptions {
  std::string step;  // empty: every price of its own
  std::string rule = "floor";
};

void add_step_options(CLI::App& app, StepOptions& options) {
  app.add_option("--step", options.step, "width of a price level; else every price is one")
      ->type_name("P");
  app.add_option("--step-rule", options.rule,
                 "floor: a level is [p, p + step); side: sells round down, buys round up")
      ->capture_default_str()
      ->type_name("RULE");
}

PriceStep step_from(const StepOptions& options, Scale scale) {
  static constexpr std::array<std::string_view, 2> kRules{"floor", "side"};
  PriceStep step;
  step.rule = static_cast<StepRule>(index_of_word("--step-rule", options.rule, kRules));
  if (options.step.empty()) return step;
  const int128 units = exact_units("--step", options.step, scale.price_exp);
  if (units > std::numeric_limits<int64_t>::max()) {
    throw Error{ErrorCode::invalid_argument, fmt::format("--step {} is too large", options.step)};
  }
  step.units = static_cast<int64_t>(units);
  return step;
}

// Time of the last `count`th trade; trades of the same instant come with it.
Timestamp begin_of_last_trades(const Store& store, TapeRequest request, int64_t count) {
  if (!stored_range(store, request)) return request.range.begin;
  request.range.begin = tail_begin(store, request, count);
  std::vector<int64_t> times;
  for_each_trades(store, request, [&](const TradeView& trades) {
    times.insert(times.end(), trades.ts_event.begin(), trades.ts_event.end());
    return interrupted() ? KeepGoing::stop : KeepGoing::go_on;
  });
  const auto wanted = static_cast<size_t>(count);
  if (times.size() < wanted) return request.range.begin;
  return from_epoch_ns(times[times.size() - wanted]);
}

// Footprints and the trade heatmap: the same levels, other columns.
class LevelsCommand : public Command {
 public:
  explicit LevelsCommand(std::string interval) : interval_{std::move(interval)} {}

  void setup(CLI::App& app) override {
    app.add_option("-i,--interval", interval_, "length of a bar: 100ms, 1s, 1m, 5m, 1h, 1d …")
        ->capture_default_str()
        ->type_name("INTERVAL");
    add_step_options(app, step_);
    add_query_options(app, options_);
  }

  int run() override {
    const BarInterval interval = this->interval();
    const Store store = open_store(options_.store, OpenMode::read);
    const Instrument instrument = chosen_instrument(store, options_.instrument);
    const PriceStep step = step_from(step_, instrument.scale);
    const RowQuery query{
        .columns = columns(instrument.scale),
        .run =
            [&](const TapeRequest& request, const EmitRow& emit) {
              return for_each_footprint(store, request, interval, step, [&](const Footprint& bar) {
                const bool all = std::ranges::all_of(bar.levels, [&](const Level& level) {
                  return give(bar.begin, level, instrument.scale, emit) == KeepGoing::go_on;
                });
                return all ? KeepGoing::go_on : KeepGoing::stop;
              });
            },
        // A bar has many levels: one bar's length to begin with.
        .row_width = std::max(nominal_width(interval) / 64, std::chrono::nanoseconds{1})};
    print_answer(store, instrument, options_, query);
    return kExitOk;
  }

 protected:
  BarInterval interval() const { return interval_from("--interval", interval_); }
  const QueryOptions& options() const { return options_; }
  const StepOptions& step_options() const { return step_; }

  virtual std::vector<Column> columns(Scale scale) const = 0;
  virtual KeepGoing give(Timestamp begin, const Level& level, Scale scale,
                         const EmitRow& emit) const = 0;

 private:
  QueryOptions options_;
  StepOptions step_;
  std::string interval_;
};

class FootprintCommand final : public LevelsCommand {
 public:
  FootprintCommand() : LevelsCommand{"5m"} {}

 protected:
  std::vector<Column> columns(Scale scale) const override {
    return {{"time", CellType::time},
            {"price", CellType::decimal, -scale.price_exp},
            {"buy_quantity", CellType::decimal, -scale.qty_exp},
            {"sell_quantity", CellType::decimal, -scale.qty_exp},
            {"buy_count", CellType::integer},
            {"sell_count", CellType::integer}};
  }

  KeepGoing give(Timestamp begin, const Level& level, Scale scale,
                 const EmitRow& emit) const override {
    return emit(std::array<Cell, 6>{begin, Decimal{level.price.raw(), scale.price_exp},
                                    Decimal{level.buy_quantity, scale.qty_exp},
                                    Decimal{level.sell_quantity, scale.qty_exp}, level.buy_count,
                                    level.sell_count});
  }
};

class HeatmapCommand final : public LevelsCommand {
 public:
  HeatmapCommand() : LevelsCommand{"1s"} {}

  void setup(CLI::App& app) override {
    app.add_flag("--liquidity", liquidity_,
                 "what rested in the book instead of what was traded: the mean over time, and the "
                 "most at any instant");
    app.add_option("-n,--levels", levels_, "with --liquidity: price steps a side from the best on")
        ->capture_default_str()
        ->check(CLI::PositiveNumber)
        ->type_name("N");
    add_stream_option(app, stream_);
    LevelsCommand::setup(app);
  }

  int run() override { return liquidity_ ? run_liquidity() : LevelsCommand::run(); }

 protected:
  std::vector<Column> columns(Scale scale) const override {
    return {{"time", CellType::time},
            {"price", CellType::decimal, -scale.price_exp},
            {"buy_quantity", CellType::decimal, -scale.qty_exp},
            {"sell_quantity", CellType::decimal, -scale.qty_exp},
            {"trades", CellType::integer}};
  }

  KeepGoing give(Timestamp begin, const Level& level, Scale scale,
                 const EmitRow& emit) const override {
    return emit(std::array<Cell, 5>{begin, Decimal{level.price.raw(), scale.price_exp},
                                    Decimal{level.buy_quantity, scale.qty_exp},
                                    Decimal{level.sell_quantity, scale.qty_exp}, level.trades()});
  }

 private:
  int run_liquidity() {
    const auto width = interval().width();
    if (!width) {
      throw Error{ErrorCode::invalid_argument, "--interval 1mo: months have no one length; use 1d"};
    }
    const Store store = open_store(options().store, OpenMode::read);
    const Instrument instrument = chosen_instrument(store, options().instrument);
    HeatmapRequest of{
        .of = {.instrument = instrument, .stream = stream_}, .width = *width, .levels = levels_};
    const Scale scale = liquidity_scale(store, of.of);
    const PriceStep step = step_from(step_options(), scale);
    of.price_step = std::max<int64_t>(step.units, 1);
    const RowQuery query{
        .columns = {{"time", CellType::time},
                    {"side"},
                    {"price", CellType::decimal, -scale.price_exp},
                    {"quantity", CellType::decimal, 4 - scale.qty_exp},
                    {"max_quantity", CellType::decimal, -scale.qty_exp},
                    {"known_ns", CellType::integer}},
        .run =
            [&](const TapeRequest& request, const EmitRow& emit) {
              of.of.range = request.range;
              return to_tape_answer(for_each_liquidity(store, of, [&](const LiquidityCell& cell) {
                return emit(cells_of(cell, scale));
              }));
            },
        .tail_search = TailSearch::none,
        .newest = [&] { return newest_book(store, instrument); }};
    print_answer(store, instrument, options(), query);
    return kExitOk;
  }

  static std::array<Cell, 6> cells_of(const LiquidityCell& cell, Scale scale) {
    return {cell.begin,
            to_text(cell.side),
            Decimal{cell.price.raw(), scale.price_exp},
            mean_quantity(cell, scale),
            Decimal{cell.max_quantity, scale.qty_exp},
            cell.known.count()};
  }

  bool liquidity_ = false;
  int64_t levels_ = 50;
  std::string stream_;
};

class ProfileCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    add_step_options(app, step_);
    app.add_option("--value-area-rule", rule_,
                   "single: grows by the larger neighbour; pairs: by two levels at a time (CBOT)")
        ->capture_default_str()
        ->type_name("RULE");
    app.add_option("--value-area", share_percent_, "share of the volume in it, in percent")
        ->capture_default_str()
        ->check(CLI::Range(1, 100))
        ->type_name("PERCENT");
    add_query_options(app, options_);
    app.get_option("--last")->description(
        "the range of the last so many trades (1000), or so long (45s, 30m, 2h, 3d, 1w) before the "
        "newest stored trade");
  }

  int run() override {
    static constexpr std::array<std::string_view, 2> kRules{"single", "pairs"};
    const auto rule = static_cast<ValueAreaRule>(index_of_word("--value-area-rule", rule_, kRules));
    const Store store = open_store(options_.store, OpenMode::read);
    const Instrument instrument = chosen_instrument(store, options_.instrument);
    const PriceStep step = step_from(step_, instrument.scale);
    const Selection selection = parse_selection(options_.selection);
    TapeRequest request = request_of(store, instrument, selection);
    if (selection.last && selection.last->rows) {
      request.range.begin = begin_of_last_trades(store, request, *selection.last->rows);
    }
    Output output{options_.output};
    const ProfileAnswer answer = volume_profile(store, request, step, rule, share_percent_);
    print(output, answer, instrument);
    output.end(completeness_json(answer.tape, output.time_style()));
    print_notes(output, &answer.tape, options_.store);
    return kExitOk;
  }

 private:
  static void print(Output& output, const ProfileAnswer& answer, const Instrument& instrument) {
    const Scale scale = instrument.scale;
    const std::array<Column, 7> columns{{{"price", CellType::decimal, -scale.price_exp},
                                         {"quantity", CellType::decimal, -scale.qty_exp},
                                         {"buy_quantity", CellType::decimal, -scale.qty_exp},
                                         {"sell_quantity", CellType::decimal, -scale.qty_exp},
                                         {"trades", CellType::integer},
                                         {"poc", CellType::boolean},
                                         {"in_value_area", CellType::boolean}}};
    output.begin(columns, instrument_member(instrument));
    const VolumeProfile& profile = answer.profile;
    for (size_t i = 0; i < profile.levels.size(); ++i) {
      const Level& level = profile.levels[i];
      const bool in_area = profile.value_area_begin <= i && i < profile.value_area_end;
      const std::array<Cell, 7> cells{Decimal{level.price.raw(), scale.price_exp},
                                      Decimal{level.quantity(), scale.qty_exp},
                                      Decimal{level.buy_quantity, scale.qty_exp},
                                      Decimal{level.sell_quantity, scale.qty_exp},
                                      level.trades(),
                                      i == profile.poc,
                                      in_area};
      if (output.row(cells) == KeepGoing::stop) return;
    }
  }

  QueryOptions options_;
  StepOptions step_;
  std::string rule_ = "single";
  int share_percent_ = 70;
};

}  // namespace

std::unique_ptr<Command> make_footprint_command() {
  return std::make_unique<FootprintCommand>();
}

std::unique_ptr<Command> make_heatmap_command() {
  return std::make_unique<HeatmapCommand>();
}

std::unique_ptr<Command> make_profile_command() {
  return std::make_unique<ProfileCommand>();
}

}  // namespace tapedeck
