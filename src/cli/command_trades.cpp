#include "cli/answer.hpp"
#include "cli/command.hpp"
#include "cli/decimals.hpp"
#include "cli/interrupt.hpp"

#include <fmt/format.h>

#include <array>

namespace tapedeck {
namespace {

// What a trade must reach to be shown.
struct Threshold {
  int128 quantity = 0;
  int128 notional = 0;  // of price × quantity, or of quantity alone for inverse instruments
  bool inverse = false;

  bool holds(int64_t price, int64_t qty) const {
    return qty >= quantity && (inverse ? int128{qty} : int128{price} * qty) >= notional;
  }
};

Threshold threshold_from(const Instrument& instrument, const std::string& min_quantity,
                         const std::string& min_notional) {
  Threshold threshold{.inverse = instrument.inverse};
  const Scale scale = instrument.scale;
  if (!min_quantity.empty()) {
    threshold.quantity = units_at_least("--min-quantity", min_quantity, scale.qty_exp);
  }
  if (min_notional.empty()) return threshold;
  if (!instrument.inverse) {
    threshold.notional =
        units_at_least("--min-notional", min_notional, scale.price_exp + scale.qty_exp);
    return threshold;
  }
  if (!instrument.contract_size || instrument.contract_size->units <= 0) {
    throw Error{ErrorCode::unsupported,
                fmt::format("the contract size of {} is not known, so its trades have no notional; "
                            "use --min-quantity",
                            to_text(instrument.name))};
  }
  const Decimal& contract = *instrument.contract_size;
  const int128 wanted =
      units_at_least("--min-notional", min_notional, scale.qty_exp + contract.exponent);
  threshold.notional = (wanted + contract.units - 1) / contract.units;
  return threshold;
}

class TradesCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    add_query_options(app, options_);
    app.add_option("--min-quantity", min_quantity_, "only trades of this quantity or more")
        ->type_name("Q");
    app.add_option("--min-notional", min_notional_, "only trades of this price × quantity or more")
        ->type_name("M");
  }

  int run() override {
    const Store store = open_store(options_.store, OpenMode::read);
    const Instrument instrument = chosen_instrument(store, options_.instrument);
    const Threshold threshold = threshold_from(instrument, min_quantity_, min_notional_);
    const RowQuery query{.columns = {{"time", CellType::time},
                                     {"trade_id", CellType::integer},
                                     {"price", CellType::decimal, -instrument.scale.price_exp},
                                     {"quantity", CellType::decimal, -instrument.scale.qty_exp},
                                     {"side", CellType::text}},
                         .run =
                             [&](const TapeRequest& request, const EmitRow& emit) {
                               return for_each_trades(store, request, [&](const TradeView& trades) {
                                 return give(trades, threshold, emit);
                               });
                             },
                         .tail_search = TailSearch::by_trades};
    print_answer(store, instrument, options_, query);
    return kExitOk;
  }

 private:
  static KeepGoing give(const TradeView& trades, const Threshold& threshold, const EmitRow& emit) {
    std::array<Cell, 5> cells;
    const Scale scale = trades.scale;
    for (size_t row = 0; row < trades.rows(); ++row) {
      const int64_t price = trades.price[row];
      const int64_t quantity = trades.quantity[row];
      if (!threshold.holds(price, quantity)) continue;
      cells[0] = from_epoch_ns(trades.ts_event[row]);
      if (trades.has_ids) cells[1] = trades.trade_id[row];
      cells[2] = Decimal{price, scale.price_exp};
      cells[3] = Decimal{quantity, scale.qty_exp};
      cells[4] = to_text(trades.side[row]);
      if (emit(cells) == KeepGoing::stop) return KeepGoing::stop;
    }
    return interrupted() ? KeepGoing::stop : KeepGoing::go_on;
  }

  QueryOptions options_;
  std::string min_quantity_;
  std::string min_notional_;
};

}  // namespace

std::unique_ptr<Command> make_trades_command() {
  return std::make_unique<TradesCommand>();
}

}  // namespace tapedeck
