#include "cli/book_options.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/say.hpp"
#include "cli/selection.hpp"
#include "tapedeck/query/quotes.hpp"

#include <fmt/format.h>

#include <array>

namespace tapedeck {
namespace {

// Quotes keep their own digits; no venue has more than the store keeps.
constexpr int kQuoteDigits = -kMinExponent;
constexpr std::array<std::string_view, 3> kSources{"auto", "venue", "book"};

QuoteSource source_from(const std::string& word) {
  return static_cast<QuoteSource>(index_of_word("--source", word, kSources));
}

void add_source_option(CLI::App& app, std::string& source) {
  app.add_option("--source", source,
                 "venue: quotes as it published them; book: the best levels of the stored book; "
                 "auto: the venue's where there are any")
      ->capture_default_str()
      ->type_name("SOURCE");
}

class QuotesCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    add_source_option(app, source_);
    add_clock_option(app, clock_);
    add_query_options(app, options_);
  }

  int run() override {
    QuoteRequest of{.instrument = {}, .clock = clock_from(clock_), .source = source_from(source_)};
    const Store store = open_store(options_.store, OpenMode::read);
    of.instrument = chosen_instrument(store, options_.instrument);
    const RowQuery query{
        .columns = {{"time", CellType::time},
                    {"bid_price", CellType::decimal, kQuoteDigits},
                    {"bid_quantity", CellType::decimal, kQuoteDigits},
                    {"ask_price", CellType::decimal, kQuoteDigits},
                    {"ask_quantity", CellType::decimal, kQuoteDigits},
                    {"sequence", CellType::integer},
                    {"ts_recv", CellType::time}},
        .run =
            [&](const TapeRequest& request, const EmitRow& emit) {
              of.range = request.range;
              const QuoteAnswer answer = for_each_quote(store, of, [&](const Quote& quote) {
                return emit(std::array<Cell, 7>{quote.ts_event, quote.bid_price, quote.bid_quantity,
                                                quote.ask_price, quote.ask_quantity,
                                                quote.sequence ? Cell{*quote.sequence} : Cell{},
                                                quote.ts_recv ? Cell{*quote.ts_recv} : Cell{}});
              });
              return TapeAnswer{
                  .scale = {},
                  .grains = {},
                  .given = answer.source == "venue" ? std::string{kQuotesDataset} : answer.source,
                  .coverage = answer.coverage,
                  .rows = answer.rows};
            },
        .tail_search = TailSearch::none};
    print_answer(store, of.instrument, options_, query);
    return kExitOk;
  }

 private:
  QueryOptions options_;
  std::string source_ = "auto";
  std::string clock_ = "event";
};

class AsofCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    add_source_option(app, source_);
    add_clock_option(app, clock_);
    app.add_option("--tolerance", tolerance_, "an older quote is none: 500ms, 2s …; else any")
        ->type_name("DURATION");
    add_query_options(app, options_);
  }

  int run() override {
    AsofRequest of{.instrument = {}, .clock = clock_from(clock_), .source = source_from(source_)};
    if (!tolerance_.empty()) of.tolerance = duration_from("--tolerance", tolerance_);
    const Store store = open_store(options_.store, OpenMode::read);
    of.instrument = chosen_instrument(store, options_.instrument);
    AsofAnswer answer;
    const RowQuery query{
        .columns = {{"time", CellType::time},
                    {"trade_id", CellType::integer},
                    {"price", CellType::decimal, kQuoteDigits},
                    {"quantity", CellType::decimal, kQuoteDigits},
                    {"side"},
                    {"bid_price", CellType::decimal, kQuoteDigits},
                    {"bid_quantity", CellType::decimal, kQuoteDigits},
                    {"ask_price", CellType::decimal, kQuoteDigits},
                    {"ask_quantity", CellType::decimal, kQuoteDigits},
                    {"quote_time", CellType::time},
                    {"mid_price", CellType::decimal, kQuoteDigits},
                    {"effective_spread", CellType::decimal, kQuoteDigits}},
        .run =
            [&](const TapeRequest& request, const EmitRow& emit) {
              of.range = request.range;
              answer = for_each_quoted_trade(store, of, [&](const QuotedTrade& trade) {
                return emit(cells_of(trade, answer.clock));
              });
              return TapeAnswer{
                  .scale = {},
                  .grains = {},
                  .given = answer.source == "venue" ? std::string{kQuotesDataset} : answer.source,
                  .coverage = answer.coverage,
                  .rows = answer.rows};
            },
        .tail_search = TailSearch::none};
    print_answer(store, of.instrument, options_, query);
    note(of, answer);
    return kExitOk;
  }

 private:
  static std::array<Cell, 12> cells_of(const QuotedTrade& row, BookClock clock) {
    std::array<Cell, 12> cells{
        row.trade.ts_event, row.trade.trade_id ? Cell{*row.trade.trade_id} : Cell{},
        Decimal{row.trade.price.raw(), row.scale.price_exp},
        Decimal{row.trade.quantity.raw(), row.scale.qty_exp}, to_text(row.trade.side)};
    if (!row.quote) return cells;
    const Quote& quote = *row.quote;
    cells[5] = quote.bid_price;
    cells[6] = quote.bid_quantity;
    cells[7] = quote.ask_price;
    cells[8] = quote.ask_quantity;
    cells[9] = clock == BookClock::recv && quote.ts_recv ? *quote.ts_recv : quote.ts_event;
    cells[10] = mid_price(quote);
    if (const auto spread = effective_spread(row)) cells[11] = *spread;
    return cells;
  }

  void note(const AsofRequest& of, const AsofAnswer& answer) const {
    if (options_.store.quiet) return;
    if (answer.clock != of.clock) {
      say("the venue sends no time with these quotes: trades and quotes are joined by the time "
          "when they came\n");
    }
    if (answer.without_quote > 0) {
      say("{} without a quote\n", plural(answer.without_quote, "trade"));
    }
  }

  QueryOptions options_;
  std::string source_ = "auto";
  std::string clock_ = "event";
  std::string tolerance_;
};

}  // namespace

std::unique_ptr<Command> make_quotes_command() {
  return std::make_unique<QuotesCommand>();
}

std::unique_ptr<Command> make_asof_command() {
  return std::make_unique<AsofCommand>();
}

}  // namespace tapedeck
