#include "cli/book_options.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"

#include <array>

namespace tapedeck {
namespace {

// Rows made of the changes of a book.
class BookRowsCommand : public Command {
 public:
  void setup(CLI::App& app) override {
    add_stream_option(app, stream_);
    add_query_options(app, options_);
  }

  int run() override {
    const Store store = open_store(options_.store, OpenMode::read);
    const Instrument instrument = chosen_instrument(store, options_.instrument);
    LiquidityRequest of{.instrument = instrument, .stream = stream_};
    const Scale scale = liquidity_scale(store, of);
    const RowQuery query{.columns = columns(scale),
                         .run =
                             [&](const TapeRequest& request, const EmitRow& emit) {
                               of.range = request.range;
                               return to_tape_answer(give(store, of, scale, emit));
                             },
                         .tail_search = TailSearch::none,
                         .newest = [&] { return newest_book(store, instrument); }};
    print_answer(store, instrument, options_, query);
    return kExitOk;
  }

 protected:
  virtual std::vector<Column> columns(Scale scale) const = 0;
  virtual LiquidityAnswer give(const Store& store, const LiquidityRequest& request, Scale scale,
                               const EmitRow& emit) const = 0;

 private:
  QueryOptions options_;
  std::string stream_;
};

class BookStreamCommand final : public BookRowsCommand {
 protected:
  std::vector<Column> columns(Scale scale) const override {
    return {{"time", CellType::time},
            {"ts_recv", CellType::time},
            {"sequence", CellType::integer},
            {"kind"},
            {"side"},
            {"price", CellType::decimal, -scale.price_exp},
            {"quantity", CellType::decimal, -scale.qty_exp}};
  }

  LiquidityAnswer give(const Store& store, const LiquidityRequest& request, Scale scale,
                       const EmitRow& emit) const override {
    return for_each_book_event(store, request, [&](const BookEvent& event) {
      return emit(std::array<Cell, 7>{event.ts_event, event.ts_recv ? Cell{*event.ts_recv} : Cell{},
                                      event.sequence ? Cell{*event.sequence} : Cell{},
                                      std::string_view{event.snapshot ? "snapshot" : "update"},
                                      to_text(event.change.side),
                                      Decimal{event.change.price.raw(), scale.price_exp},
                                      Decimal{event.change.quantity.raw(), scale.qty_exp}});
    });
  }
};

class OrderRunsCommand final : public BookRowsCommand {
 protected:
  std::vector<Column> columns(Scale scale) const override {
    return {{"start", CellType::time},
            {"until", CellType::time},
            {"side"},
            {"price", CellType::decimal, -scale.price_exp},
            {"quantity", CellType::decimal, -scale.qty_exp}};
  }

  LiquidityAnswer give(const Store& store, const LiquidityRequest& request, Scale scale,
                       const EmitRow& emit) const override {
    return for_each_order_run(store, request, [&](const OrderRun& run) {
      return emit(std::array<Cell, 5>{run.start, run.until, to_text(run.side),
                                      Decimal{run.price.raw(), scale.price_exp},
                                      Decimal{run.quantity.raw(), scale.qty_exp}});
    });
  }
};

}  // namespace

std::unique_ptr<Command> make_book_stream_command() {
  return std::make_unique<BookStreamCommand>();
}

std::unique_ptr<Command> make_order_runs_command() {
  return std::make_unique<OrderRunsCommand>();
}

}  // namespace tapedeck
