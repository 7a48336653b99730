// What a decoder makes of a text, and that it makes the same of it in pieces of any length.
#pragma once

#include "feed/binance_archive.hpp"
#include "tapedeck/market/decimal.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// A trade as text: `id ts price quantity side`.
inline std::string text_of(const Trade& trade, Scale scale) {
  std::string text = std::to_string(trade.trade_id.value_or(-1)) + " ";
  append_iso(text, trade.ts_event);
  text += ' ';
  append_decimal(text, trade.price.raw(), scale.price_exp);
  text += ' ';
  append_decimal(text, trade.quantity.raw(), scale.qty_exp);
  return text + " " + std::string{to_text(trade.side)};
}

struct DecodedTrades {
  std::vector<TradeBlock> blocks;
  std::vector<DecodeError> errors;
  int64_t lines = 0;
  int64_t refused = 0;

  size_t rows() const {
    size_t count = 0;
    for (const TradeBlock& block : blocks) {
      count += block.rows();
    }
    return count;
  }
  std::vector<std::string> trades() const {
    std::vector<std::string> texts;
    for (const TradeBlock& block : blocks) {
      for (size_t row = 0; row < block.rows(); ++row) {
        texts.push_back(text_of(block.view()[row], block.scale));
      }
    }
    return texts;
  }
  // `line: reason` of each refused line.
  std::vector<std::string> reasons() const {
    std::vector<std::string> texts;
    for (const DecodeError& error : errors) {
      texts.push_back(std::to_string(error.line) + ": " + error.reason);
    }
    return texts;
  }
};

// Pieces of `piece` bytes; 0 is one piece.
inline DecodedTrades decoded_trades(const ArchiveContext& context, std::string_view text,
                                    size_t piece = 0) {
  TradeArchiveDecoder decoder{context};
  const size_t step = piece == 0 ? std::max(text.size(), size_t{1}) : piece;
  for (size_t begin = 0; begin < text.size(); begin += step) {
    decoder.decode(std::string_view{text}.substr(begin, step));
  }
  decoder.finish();
  return {.blocks = decoder.take_blocks(),
          .errors = decoder.take_errors(),
          .lines = decoder.lines(),
          .refused = decoder.refused()};
}

inline bool same_errors(const std::vector<DecodeError>& a, const std::vector<DecodeError>& b) {
  return std::ranges::equal(a, b, [](const DecodeError& x, const DecodeError& y) {
    return x.line == y.line && x.reason == y.reason && x.text == y.text;
  });
}

inline bool same_blocks(const std::vector<TradeBlock>& a, const std::vector<TradeBlock>& b) {
  return std::ranges::equal(a, b, [](const TradeBlock& x, const TradeBlock& y) {
    return x.scale == y.scale && x.ts_event == y.ts_event && x.trade_id == y.trade_id &&
           x.price == y.price && x.quantity == y.quantity && x.side == y.side;
  });
}

inline bool same(const DecodedTrades& a, const DecodedTrades& b) {
  return a.lines == b.lines && a.refused == b.refused && same_errors(a.errors, b.errors) &&
         same_blocks(a.blocks, b.blocks);
}

}  // namespace tapedeck
