#include "cli/answer.hpp"
#include "cli/command.hpp"
#include "tapedeck/query/given.hpp"

#include <array>
#include <optional>

namespace tapedeck {
namespace {

// No venue publishes more digits than the store keeps.
constexpr int kDigits = -kMinExponent;

std::array<Cell, 7> cells_of(const OpenInterest& row) {
  const auto cell = [](const std::optional<Decimal>& value) {
    return value ? Cell{*value} : Cell{};
  };
  return {row.ts_event,
          row.open_interest,
          cell(row.open_interest_value),
          cell(row.top_trader_account_ratio),
          cell(row.top_trader_position_ratio),
          cell(row.account_ratio),
          cell(row.taker_volume_ratio)};
}

class OpenInterestCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("-i,--interval", interval_, "the last row of each: 1h, 1d …; else every row")
        ->type_name("INTERVAL");
    add_query_options(app, options_);
  }

  int run() override {
    std::optional<BarInterval> interval;
    if (!interval_.empty()) interval = interval_from("--interval", interval_);
    const Store store = open_store(options_.store, OpenMode::read);
    const Instrument instrument = chosen_instrument(store, options_.instrument);
    const RowQuery query{
        .columns = {{"time", CellType::time},
                    {"open_interest", CellType::decimal, kDigits},
                    {"open_interest_value", CellType::decimal, kDigits},
                    {"top_trader_account_ratio", CellType::decimal, kDigits},
                    {"top_trader_position_ratio", CellType::decimal, kDigits},
                    {"account_ratio", CellType::decimal, kDigits},
                    {"taker_volume_ratio", CellType::decimal, kDigits}},
        .run =
            [&](const TapeRequest& request, const EmitRow& emit) {
              const GivenAnswer given = for_each_open_interest(
                  store, {.instrument = instrument, .range = request.range}, interval,
                  [&](const OpenInterest& row) { return emit(cells_of(row)); });
              return TapeAnswer{.scale = {},
                                .grains = {},
                                .given = given.rows > 0 ? std::string{kOpenInterestDataset} : "",
                                .coverage = given.coverage,
                                .rows = given.rows};
            },
        .tail_search = TailSearch::none,
        .newest = [&] { return newest_row(store, instrument); }};
    print_answer(store, instrument, options_, query);
    return kExitOk;
  }

 private:
  static std::optional<Timestamp> newest_row(const Store& store, const Instrument& instrument) {
    std::optional<Timestamp> newest;
    for_each_open_interest(store, {.instrument = instrument}, std::nullopt,
                           [&](const OpenInterest& row) {
                             newest = row.ts_event;
                             return KeepGoing::go_on;
                           });
    return newest;
  }

  QueryOptions options_;
  std::string interval_;
};

}  // namespace

std::unique_ptr<Command> make_open_interest_command() {
  return std::make_unique<OpenInterestCommand>();
}

}  // namespace tapedeck
