// BookRules: how the messages of a venue's stream make a book, and what tells that one is missing.
// A venue is a line in src/book/book_rules.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tapedeck {

// What numbers say that an update follows the one before.
enum class BookContinuity : uint8_t {
  none,
  binance_spot,     // U is the last u + 1; a REST image with U <= lastUpdateId + 1 <= u begins
  binance_futures,  // pu is the last u; a REST image with U <= lastUpdateId <= u begins
  consecutive,      // u is the last u + 1: Bybit
  linked,           // prevSeqId is the last seqId: OKX
  connection,       // the connection numbers its messages; who reads it calls BookBuilder::lose()
};

enum class BookChecksum : uint8_t {
  none,
  okx,     // CRC-32 of `bid:quantity:ask:quantity:…` of the best 25
  kraken,  // CRC-32 of the digits of the best 10 asks, then bids
};

// What shows that a book is whole, the strongest that the stream offers.
enum class BookIntegrity : uint8_t { none, sequence, checksum };
std::string_view to_text(BookIntegrity integrity);

struct BookRules {
  BookContinuity continuity = BookContinuity::none;
  BookChecksum checksum = BookChecksum::none;
  // Levels a side that the venue keeps sending: what is pushed out behind them is gone, and no
  // message says so. 0: all levels.
  int depth = 0;
  bool depth_of_snapshot = false;  // the depth is not in the channel's word: the snapshot shows it
  bool whole = false;              // each message is the whole book

  BookIntegrity integrity() const;
  // Nothing on the stream itself shows the whole book: an image that was asked for begins it.
  bool waits_for_image() const {
    return continuity == BookContinuity::binance_spot ||
           continuity == BookContinuity::binance_futures;
  }
};

// Of a channel as the venue calls it: "depth@100ms", "orderbook.200", "books", "book-10".
// Unknown venues and channels have no rules that could prove anything.
BookRules book_rules(std::string_view venue, std::string_view channel);

// Kraken's depths are 10, 25, 100, 500 and 1000: the least that holds a snapshot of so many levels.
int kraken_depth(size_t levels);

}  // namespace tapedeck
