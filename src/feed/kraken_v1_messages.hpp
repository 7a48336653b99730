// Arrays of Kraken's WebSocket v1, and what they share with v2. Only Kraken's decoder includes
// this.
//   message := [channel_id, payload, payload?, "book-1000", "XBT/USD"]
#pragma once

#include "feed/json_message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tapedeck {

// nullopt: nothing is kept of such bars.
std::optional<BarInterval> kraken_interval(int64_t minutes);
// Throw BadMessage, `name` is for the reason.
uint32_t kraken_checksum(std::string_view name, std::string_view text);
AggressorSide kraken_side(std::string_view text, std::string_view buy, std::string_view sell);
// Of `open`, `high`, `low`, `close`, `volume` and `trades`.
FeedKline kraken_bar(std::string_view symbol, BarInterval interval, Timestamp begin,
                     const Members& members);

class KrakenArrays {
 public:
  // `levels` must outlive the reader.
  explicit KrakenArrays(LevelPool& levels) : levels_{levels} {}
  // Fills `message`, which stays unknown when nothing known stands in the array.
  void read(ondemand::array array, DecodedMessage& message);

 private:
  using Texts = std::vector<std::string_view>;

  // Levels of a book, or the texts of a ticker's best price.
  struct Side {
    std::vector<WireLevel>* levels = nullptr;  // nullptr until the message has the side
    Texts best = {};
  };

  void clear();
  void read_sides(ondemand::object object);
  void read_side(ondemand::array array, Side& side);
  WireLevel read_level(ondemand::array level);
  void read_cells(ondemand::array array);
  // The cells of a payload that is a list of at least `count` scalars.
  const Texts& row(size_t count) const;
  void emit(DecodedMessage& message);
  void emit_book(DecodedMessage& message) const;
  void emit_trades(DecodedMessage& message) const;
  void emit_ticker(DecodedMessage& message) const;
  void emit_spread(DecodedMessage& message) const;
  void emit_bar(std::string_view channel, DecodedMessage& message);

  LevelPool& levels_;
  // Of one message, read once: what its payloads mean stands behind them.
  Texts names_;          // channel, pair
  Texts cells_;          // of a payload that is an array; four of each trade
  bool nested_ = false;  // the cells are of trades
  Side bids_;
  Side asks_;
  bool snapshot_ = false;
  std::optional<Timestamp> latest_;  // of the levels
  std::optional<uint32_t> checksum_;
  Members members_;
};

}  // namespace tapedeck
