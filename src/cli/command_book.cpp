#include "base/json_text.hpp"
#include "cli/book_options.hpp"
#include "cli/cells.hpp"
#include "cli/command.hpp"
#include "cli/decimals.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/say.hpp"
#include "cli/selection.hpp"
#include "tapedeck/book/measures.hpp"
#include "tapedeck/query/book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

constexpr int64_t kLevels = 10;

Cell price_cell(const OrderBook& book, Price price) {
  return Decimal{price.raw(), book.scale().price_exp};
}

Cell quantity_cell(const OrderBook& book, Qty quantity) {
  return Decimal{quantity.raw(), book.scale().qty_exp};
}

class BookCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("INSTRUMENT", instrument_, "venue:symbol, or a symbol that only one venue has")
        ->type_name("");
    add_book_options(app, book_);
    app.add_option("-n,--levels", levels_, "levels a side; 0: all")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber)
        ->type_name("N");
    app.add_flag("--streams", list_, "list the streams that are stored");
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    BookRequest request = book_request(book_);
    const Store store = open_store(store_, OpenMode::read);
    request.instrument = chosen_instrument(store, instrument_);
    if (list_) return list(store, request.instrument);
    print(request.instrument, book_at(store, request));
    return kExitOk;
  }

 private:
  int list(const Store& store, const Instrument& instrument) const {
    Output output{output_};
    static const std::array<Column, 7> columns{{{"stream"},
                                                {"depth", CellType::integer},
                                                {"integrity"},
                                                {"updates", CellType::integer},
                                                {"books", CellType::integer},
                                                {"begin", CellType::time},
                                                {"end", CellType::time}}};
    output.begin(columns);
    for (const BookStreamInfo& stream : list_book_streams(store, instrument)) {
      const std::array<Cell, 7> cells{std::string_view{stream.channel},
                                      stream.depth > 0 ? Cell{int64_t{stream.depth}} : Cell{},
                                      to_text(stream.integrity),
                                      stream.updates,
                                      stream.books,
                                      stream.range ? Cell{stream.range->begin} : Cell{},
                                      stream.range ? Cell{stream.range->end} : Cell{}};
      if (output.row(cells) == KeepGoing::stop) break;
    }
    output.end();
    return kExitOk;
  }

  // The ask side from the top down, then the bids: the spread lies in the middle. Programs get the
  // best level of each side first.
  void print(const Instrument& instrument, const BookAnswer& answer) const {
    Output output{output_};
    const Scale scale = answer.book.scale();
    const std::array<Column, 4> columns{{{"side"},
                                         {"level", CellType::integer},
                                         {"price", CellType::decimal, -scale.price_exp},
                                         {"quantity", CellType::decimal, -scale.qty_exp}}};
    const size_t count = levels_ > 0 ? static_cast<size_t>(levels_) : SIZE_MAX;
    output.begin(columns, head(instrument, answer, output.time_style()));
    const bool ladder = output.format() == Format::table;
    for (const BookSide side : ladder ? std::array{BookSide::ask, BookSide::bid}
                                      : std::array{BookSide::bid, BookSide::ask}) {
      std::vector<BookLevel> levels = answer.book.levels(side, count);
      const bool upside_down = ladder && side == BookSide::ask;
      if (upside_down) std::ranges::reverse(levels);
      for (size_t i = 0; i < levels.size(); ++i) {
        const size_t level = upside_down ? levels.size() - i : i + 1;
        const std::array<Cell, 4> cells{to_text(side), static_cast<int64_t>(level),
                                        price_cell(answer.book, levels[i].price),
                                        quantity_cell(answer.book, levels[i].quantity)};
        if (output.row(cells) == KeepGoing::stop) break;
      }
    }
    output.end();
    note(answer, output.time_style());
  }

  static std::string head(const Instrument& instrument, const BookAnswer& answer, TimeStyle style) {
    std::string text = "\"instrument\":";
    append_json_text(text, to_text(instrument.name));
    text += ",\"stream\":";
    append_json_text(text, answer.stream.channel);
    text += ",\"integrity\":";
    append_json_text(text, to_text(answer.stream.integrity));
    text += ",\"sequence\":";
    append_json(text, answer.sequence ? Cell{*answer.sequence} : Cell{}, style);
    text += ",\"ts_event\":";
    append_json(text, Cell{answer.ts_event}, style);
    text += ",\"ts_recv\":";
    append_json(text, answer.ts_recv ? Cell{*answer.ts_recv} : Cell{}, style);
    text += ",\"trusted\":";
    text += answer.distrust.empty() ? "true" : "false";
    text += ",\"distrust\":";
    append_json(text, answer.distrust.empty() ? Cell{} : Cell{std::string_view{answer.distrust}},
                style);
    return text;
  }

  void note(const BookAnswer& answer, TimeStyle style) const {
    if (!answer.distrust.empty()) {
      say("not to be trusted: {}\n", answer.distrust);
    }
    if (store_.quiet) return;
    std::string time;
    append_time(time, answer.ts_event, style);
    const std::string_view checked = answer.stream.integrity == BookIntegrity::none
                                         ? "nothing in it shows what is missing"
                                         : to_text(answer.stream.integrity);
    say("stream {}, verified by {}, last update {}, {} bids and {} asks\n", answer.stream.channel,
        checked, time, grouped(std::ssize(answer.book.levels(BookSide::bid))),
        grouped(std::ssize(answer.book.levels(BookSide::ask))));
  }

  StoreChoice store_;
  OutputOptions output_;
  std::string instrument_;
  BookOptions book_;
  int64_t levels_ = kLevels;
  bool list_ = false;
};

// What a market order would have paid.
class SlippageCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("INSTRUMENT", instrument_, "venue:symbol, or a symbol that only one venue has")
        ->type_name("");
    app.add_option("--side", side_, "buy or sell")->required()->type_name("SIDE");
    app.add_option("--quantity", quantity_, "of the order, as the venue counts it")
        ->required()
        ->type_name("Q");
    add_book_options(app, book_);
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    static constexpr std::array<std::string_view, 2> kSides{"buy", "sell"};
    const bool buy = index_of_word("--side", side_, kSides) == 0;
    BookRequest request = book_request(book_);
    const Store store = open_store(store_, OpenMode::read);
    request.instrument = chosen_instrument(store, instrument_);
    const BookAnswer answer = book_at(store, request);
    print(request.instrument, answer, buy ? AggressorSide::buy : AggressorSide::sell);
    if (!answer.distrust.empty()) say("not to be trusted: {}\n", answer.distrust);
    return kExitOk;
  }

 private:
  void print(const Instrument& instrument, const BookAnswer& answer, AggressorSide side) const {
    const Scale scale = answer.book.scale();
    const int128 wanted = exact_units("--quantity", quantity_, scale.qty_exp);
    const Sweep done = sweep(answer.book, side, wanted);
    const std::optional<Decimal> average = average_price(done, scale);
    const std::optional<Decimal> mid = mid_price(answer.book);
    static const std::array<Column, 9> columns{{{"time", CellType::time},
                                                {"side"},
                                                {"filled", CellType::decimal, -kMinExponent},
                                                {"levels", CellType::integer},
                                                {"average_price", CellType::decimal, -kMinExponent},
                                                {"worst_price", CellType::decimal, -kMinExponent},
                                                {"mid_price", CellType::decimal, -kMinExponent},
                                                {"slippage", CellType::decimal, -kMinExponent},
                                                {"slippage_bps", CellType::real}}};
    std::array<Cell, 9> cells{answer.ts_event, to_text(side), Decimal{done.filled, scale.qty_exp},
                              static_cast<int64_t>(done.levels)};
    if (average) cells[4] = *average;
    if (done.worst) cells[5] = Decimal{done.worst->raw(), scale.price_exp};
    if (mid) cells[6] = *mid;
    if (average && mid) {
      const Decimal paid =
          side == AggressorSide::buy ? difference(*average, *mid) : difference(*mid, *average);
      cells[7] = paid;
      cells[8] = to_double(paid) / to_double(*mid) * 1e4;
    }
    Output output{output_};
    output.begin(columns, instrument_member(instrument));
    output.row(cells);
    output.end();
    if (done.filled < wanted) {
      say("the book held only {} of it\n", to_text(Decimal{done.filled, scale.qty_exp}));
    }
  }

  StoreChoice store_;
  OutputOptions output_;
  std::string instrument_;
  std::string side_;
  std::string quantity_;
  BookOptions book_;
};

}  // namespace

std::unique_ptr<Command> make_slippage_command() {
  return std::make_unique<SlippageCommand>();
}

std::unique_ptr<Command> make_book_command() {
  return std::make_unique<BookCommand>();
}

}  // namespace tapedeck
