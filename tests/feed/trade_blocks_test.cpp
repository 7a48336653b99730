#include "feed/trade_blocks.hpp"

#include "feed/decoded.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace tapedeck {
namespace {

void add(TradeBlocks& blocks, int64_t id, std::string_view price, std::string_view quantity) {
  blocks.add_decimal({.ts_event = id, .trade_id = id}, *parse_decimal(price),
                     *parse_decimal(quantity));
}

// `price_exp qty_exp: price×quantity …` of each block.
std::vector<std::string> said_by(TradeBlocks& blocks) {
  std::vector<std::string> texts;
  for (const TradeBlock& block : blocks.take()) {
    std::string text =
        std::to_string(block.scale.price_exp) + " " + std::to_string(block.scale.qty_exp) + ":";
    for (size_t row = 0; row < block.rows(); ++row) {
      text += " ";
      append_decimal(text, block.price[row], block.scale.price_exp);
      text += "×";
      append_decimal(text, block.quantity[row], block.scale.qty_exp);
    }
    texts.push_back(text);
  }
  return texts;
}

using Texts = std::vector<std::string>;

constexpr std::string_view kHuge = "9000000000000000000";

}  // namespace

TEST_CASE("a block has the finest digits of its rows") {
  TradeBlocks blocks{{}, 100};
  add(blocks, 1, "5", "2");
  add(blocks, 2, "5.25", "2");
  add(blocks, 3, "5.1", "0.001");
  blocks.finish();
  CHECK(said_by(blocks) == Texts{"-2 -3: 5×2 5.25×2 5.1×0.001"});
}

TEST_CASE("a block begins at the scale that is known") {
  TradeBlocks blocks{{.price_exp = -2, .qty_exp = -3}, 100};
  add(blocks, 1, "5", "2");
  blocks.finish();
  CHECK(said_by(blocks) == Texts{"-2 -3: 5×2"});
}

TEST_CASE("rows in units are taken at the scale that blocks have") {
  TradeBlocks blocks{{.price_exp = -2}, 2};
  for (int64_t id = 1; id <= 5; ++id) {
    blocks.add({.ts_event = id, .trade_id = id, .price = 100 + id, .quantity = id});
  }
  CHECK(said_by(blocks) == Texts{"-2 0: 1.01×1 1.02×2", "-2 0: 1.03×3 1.04×4"});
  blocks.finish();
  CHECK(said_by(blocks) == Texts{"-2 0: 1.05×5"});
  blocks.finish();
  CHECK(said_by(blocks).empty());
}

TEST_CASE("a full block is handed out, the next one keeps the scale") {
  TradeBlocks blocks{{}, 2};
  add(blocks, 1, "5.5", "2");
  add(blocks, 2, "5", "2");
  add(blocks, 3, "5", "2");
  CHECK(blocks.scale() == Scale{.price_exp = -1, .qty_exp = 0});
  blocks.finish();
  CHECK(said_by(blocks) == Texts{"-1 0: 5.5×2 5×2", "-1 0: 5×2"});
}

TEST_CASE("a row that needs more digits than former rows can have begins another block") {
  TradeBlocks blocks{{}, 100};
  add(blocks, 1, kHuge, "1");
  add(blocks, 2, "5", "1");
  add(blocks, 3, "5.5", "1");
  add(blocks, 4, "6", "1");
  blocks.finish();
  CHECK(said_by(blocks) == Texts{"0 0: " + std::string{kHuge} + "×1 5×1", "-1 0: 5.5×1 6×1"});
}

TEST_CASE("a row too large for the digits of former rows begins a coarser block") {
  TradeBlocks blocks{{}, 100};
  add(blocks, 1, "5.55", "0.5");
  add(blocks, 2, "922337203685477580", "0.5");
  add(blocks, 3, "5.55", kHuge);
  add(blocks, 4, "5.555", "1");
  blocks.finish();
  CHECK(said_by(blocks) == Texts{"-2 -1: 5.55×0.5", "-1 -1: 922337203685477580×0.5",
                                 "-3 0: 5.55×" + std::string{kHuge} + " 5.555×1"});
}

TEST_CASE("both values may need another scale at once") {
  TradeBlocks blocks{{.price_exp = -12, .qty_exp = -12}, 100};
  add(blocks, 1, kHuge, kHuge);
  add(blocks, 2, "0.000000000001", "0.000000000001");
  add(blocks, 3, "0", "0");
  blocks.finish();
  CHECK(said_by(blocks) == Texts{"0 0: " + std::string{kHuge} + "×" + std::string{kHuge},
                                 "-12 -12: 0.000000000001×0.000000000001 0×0"});
}

TEST_CASE("many rows fill blocks of the wanted length, whatever the room made ready") {
  TradeBlocks blocks{{}, 5000};
  for (int64_t id = 1; id <= 17'000; ++id) {
    blocks.add({.ts_event = id, .trade_id = id, .price = id, .quantity = id});
  }
  blocks.finish();
  const auto taken = blocks.take();
  REQUIRE(taken.size() == 4);
  int64_t id = 0;
  for (const TradeBlock& block : taken) {
    CHECK(block.rows() == (id < 15'000 ? 5000 : 2000));
    CHECK(block.side.size() == block.rows());
    for (const int64_t value : block.quantity) {
      REQUIRE(value == ++id);
    }
  }
}

}  // namespace tapedeck
