#include "book/checksum.hpp"

#include "base/crc32.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

constexpr size_t kOkxLevels = 25;
constexpr size_t kKrakenLevels = 10;

// Zeros in front of the first digit would not be written, so 0 is no digit at all.
void append_digits(std::string& text, int64_t units, int exponent, int digits) {
  if (units == 0) return;
  int written = -exponent;
  for (; written > digits; --written)
    units /= 10;
  text += std::to_string(units);
  text.append(static_cast<size_t>(digits - written), '0');
}

void append_side(std::string& text, const OrderBook& book, BookSide side, int price_digits,
                 int qty_digits) {
  const Scale scale = book.scale();
  for (const BookLevel& level : book.levels(side, kKrakenLevels)) {
    append_digits(text, level.price.raw(), scale.price_exp, price_digits);
    append_digits(text, level.quantity.raw(), scale.qty_exp, qty_digits);
  }
}

}  // namespace

uint32_t okx_checksum(const OrderBook& book) {
  const Scale scale = book.scale();
  const std::vector<BookLevel> bids = book.levels(BookSide::bid, kOkxLevels);
  const std::vector<BookLevel> asks = book.levels(BookSide::ask, kOkxLevels);
  std::string text;
  const auto append = [&](const std::vector<BookLevel>& levels, size_t at) {
    if (at >= levels.size()) return;
    if (!text.empty()) text += ':';
    append_decimal(text, levels[at].price.raw(), scale.price_exp);
    text += ':';
    append_decimal(text, levels[at].quantity.raw(), scale.qty_exp);
  };
  for (size_t at = 0; at < std::max(bids.size(), asks.size()); ++at) {
    append(bids, at);
    append(asks, at);
  }
  return crc32_of(0, text);
}

uint32_t kraken_checksum(const OrderBook& book, int price_digits, int qty_digits) {
  std::string text;
  append_side(text, book, BookSide::ask, price_digits, qty_digits);
  append_side(text, book, BookSide::bid, price_digits, qty_digits);
  return crc32_of(0, text);
}

}  // namespace tapedeck
