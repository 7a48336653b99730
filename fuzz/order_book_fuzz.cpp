// Order books: whatever is set, a book is what two maps are after each step.
#include "base/check.hpp"
#include "input.hpp"
#include "tapedeck/book/order_book.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

constexpr std::array kSides{BookSide::bid, BookSide::ask};
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

using Levels = std::map<int64_t, int64_t>;

class FuzzedBook {
 public:
  // One step from a few bytes.
  void step(FuzzInput& input) {
    const unsigned operation = input.option();
    const auto side = operation % 2 == 0 ? BookSide::bid : BookSide::ask;
    switch (operation / 2 % 16) {
      case 0: mid_ = number(input, 8); break;
      case 1: clear(); break;
      case 2: rescale(input); break;
      case 3: set(side, number(input, 8), number(input, 8)); break;
      case 4:
      case 5: set(side, best_price(side), 0); break;
      case 6: fill(side, input); break;
      case 7: set(side, near(number(input, 3)), input.option()); break;
      default: set(side, near(number(input, 1) * (1 + operation / 32)), input.option() % 4);
    }
    check();
  }
  void check_levels() const {
    for (const BookSide side : kSides) {
      std::vector<BookLevel> levels;
      for (const auto& [price, quantity] : of(side))
        levels.push_back({.price = Price{price}, .quantity = Qty{quantity}});
      if (side == BookSide::bid) std::ranges::reverse(levels);
      TAPEDECK_CHECK(book_.levels(side) == levels, "{} levels", to_text(side));
      levels.resize(std::min<size_t>(levels.size(), 5));
      TAPEDECK_CHECK(book_.levels(side, 5) == levels, "the best {}", to_text(side));
    }
  }

 private:
  Levels& of(BookSide side) { return levels_[static_cast<size_t>(side)]; }
  const Levels& of(BookSide side) const { return levels_[static_cast<size_t>(side)]; }

  // With sign; the least of 64 bits is no price.
  static int64_t number(FuzzInput& input, int bytes) {
    uint64_t value = 0;
    for (int byte = 0; byte < bytes; ++byte)
      value = value << 8U | input.option();
    const int unused = 64 - 8 * bytes;
    return std::max(static_cast<int64_t>(value << unused) >> unused, -kMost);
  }
  int64_t near(int64_t distance) const {
    int64_t price = 0;
    const bool fits = !__builtin_add_overflow(mid_, distance, &price) && price >= -kMost;
    return fits ? price : mid_;
  }
  int64_t best_price(BookSide side) const {
    const auto best = book_.best(side);
    return best ? best->price.raw() : mid_;
  }

  void set(BookSide side, int64_t price, int64_t quantity) {
    if (quantity < 0) quantity = ~quantity;
    book_.set(side, Price{price}, Qty{quantity});
    if (quantity == 0) {
      of(side).erase(price);
    } else {
      of(side)[price] = quantity;
    }
    TAPEDECK_CHECK(book_.quantity_at(side, Price{price}) == Qty{quantity}, "at {}", price);
  }
  // A ladder, so that the window has something to move over.
  void fill(BookSide side, FuzzInput& input) {
    const auto distance = number(input, 2);
    for (unsigned levels = input.option(); levels > 0; --levels)
      set(side, near(distance * levels), levels);
  }
  void clear() {
    book_.clear();
    for (Levels& levels : levels_)
      levels.clear();
  }
  void rescale(FuzzInput& input) {
    const Scale before = book_.scale();
    const Scale now =
        finest(before, {.price_exp = static_cast<int8_t>(-static_cast<int>(input.option() % 13)),
                        .qty_exp = static_cast<int8_t>(-static_cast<int>(input.option() % 13))});
    std::array<Levels, 2> moved;
    bool fits = true;
    for (const BookSide side : kSides) {
      for (const auto& [price, quantity] : of(side)) {
        const auto finer_price = tapedeck::rescale(price, before.price_exp, now.price_exp);
        const auto finer_quantity = tapedeck::rescale(quantity, before.qty_exp, now.qty_exp);
        fits = fits && finer_price && finer_quantity;
        if (fits) moved[static_cast<size_t>(side)][*finer_price] = *finer_quantity;
      }
    }
    TAPEDECK_CHECK(book_.rescale(now).has_value() == fits, "to {} {}", now.price_exp, now.qty_exp);
    TAPEDECK_CHECK(book_.scale() == (fits ? now : before), "{} fits", fits);
    if (fits) levels_ = std::move(moved);
    check_levels();
  }

  void check() const {
    for (const BookSide side : kSides) {
      const Levels& levels = of(side);
      const auto best = book_.best(side);
      const auto worst = book_.worst(side);
      TAPEDECK_CHECK(book_.size(side) == levels.size(), "{}", book_.size(side));
      TAPEDECK_CHECK(best.has_value() == !levels.empty() && worst.has_value() == best.has_value(),
                     "of {} levels", levels.size());
      if (!best) continue;
      std::pair<int64_t, int64_t> first = *levels.begin();
      std::pair<int64_t, int64_t> last = *levels.rbegin();
      if (side == BookSide::bid) std::swap(first, last);
      TAPEDECK_CHECK(best->price.raw() == first.first && best->quantity.raw() == first.second,
                     "best {}, not {}", best->price.raw(), first.first);
      TAPEDECK_CHECK(worst->price.raw() == last.first && worst->quantity.raw() == last.second,
                     "worst {}, not {}", worst->price.raw(), last.first);
    }
    const auto& [bids, asks] = levels_;
    const bool crossed =
        !bids.empty() && !asks.empty() && bids.rbegin()->first >= asks.begin()->first;
    TAPEDECK_CHECK(book_.crossed() == crossed, "crossed");
  }

  OrderBook book_;
  std::array<Levels, 2> levels_;
  int64_t mid_ = 0;
};

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  FuzzedBook book;
  while (!input.text().empty())
    book.step(input);
  book.check_levels();
  return 0;
}
