#include "cli/ledger_options.hpp"
#include "cli/print_rows.hpp"
#include "tapedeck/query/fill_quality.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

constexpr std::array<std::string_view, 3> kSources{"auto", "venue", "book"};
constexpr int kAmountDigits = -Amount::kExponent;

class FillQualityCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("INSTRUMENT,--instrument", instrument_, "venue:symbol, or a symbol")
        ->type_name("");
    app.add_option("--strategy", strategy_, "of this strategy")->type_name("NAME");
    app.add_option("--source", source_,
                   "venue: quotes as it published them; book: the best levels of the stored book; "
                   "auto: the venue's where there are any")
        ->capture_default_str()
        ->type_name("SOURCE");
    app.add_option("--horizon", horizons_,
                   "how long after the fill a mark-out is; may be given again; default: 1s 5s 1m")
        ->type_name("TIME");
    add_range_options(app, selection_);
    app.add_option("--last", selection_.last, "of the time back from now: 30m, 2h, 7d")
        ->type_name("TIME");
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    const NameChoice names = names_from(instrument_);
    if (horizons_.empty()) horizons_ = {"1s", "5s", "1m"};
    FillQualityRequest request{
        .venue = names.venue,
        .symbol = names.symbol,
        .strategy_id = find_text(strategy_),
        .executed = ledger_range(selection_, time_now()),
        .source = static_cast<QuoteSource>(index_of_word("--source", source_, kSources)),
        .horizons = {}};
    std::vector<Column> columns{{"executed_at", CellType::time},
                                {"instrument"},
                                {"side"},
                                {"quantity", CellType::decimal, kAmountDigits},
                                {"price", CellType::decimal, kAmountDigits},
                                {"mid_price", CellType::decimal, kAmountDigits},
                                {"slippage", CellType::decimal, kAmountDigits},
                                {"effective_spread", CellType::decimal, kAmountDigits}};
    for (const std::string& text : horizons_) {
      request.horizons.push_back(duration_from("--horizon", text));
      columns.push_back({"mark_out_" + text, CellType::decimal, kAmountDigits});
    }
    columns.push_back({"strategy_id"});
    columns.push_back({"fill_id"});
    const Store store = open_store(store_, OpenMode::read);
    return print_rows(store_, output_, columns, fill_quality(store, request), row_of);
  }

 private:
  static CellRow row_of(const FillQuality& quality) {
    const Fill& fill = quality.fill;
    CellRow row;
    row.add(fill.executed_at).add(to_text(fill.instrument)).add(to_text(fill.side));
    row.add(fill.quantity).add(fill.price).add(quality.mid).add(slippage(quality));
    row.add(effective_spread(quality));
    for (size_t horizon = 0; horizon < quality.later_mids.size(); ++horizon)
      row.add(mark_out(quality, horizon));
    row.add(fill.strategy_id).add(fill.fill_id);
    return row;
  }

  StoreChoice store_;
  OutputOptions output_;
  SelectionOptions selection_;
  std::string instrument_;
  std::string strategy_;
  std::string source_ = "auto";
  std::vector<std::string> horizons_;
};

}  // namespace

std::unique_ptr<Command> make_fill_quality_command() {
  return std::make_unique<FillQualityCommand>();
}

}  // namespace tapedeck
