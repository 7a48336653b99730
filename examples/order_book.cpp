// A book without a store, for programs that trade: messages in, a book out that says whether it can
// be trusted. The numbers are those of Binance's futures: a REST snapshot, then updates whose `pu`
// is the `u` of the one before.
#include <cstdio>
#include <string>
#include <tapedeck/book/book_builder.hpp>
#include <tapedeck/book/measures.hpp>
#include <vector>

namespace {

using namespace tapedeck;

class Printer final : public BookListener {
 public:
  void on_step(const BookStep& step, const OrderBook& book) override {
    if (step.kind == BookStepKind::unsynced) return;
    const auto mid = mid_price(book);
    std::printf("update %lld: mid %s, imbalance %.2f\n",
                static_cast<long long>(step.sequence.value_or(0)),
                mid ? to_text(*mid).c_str() : "none", imbalance(book, 5).value_or(0));
  }
  void on_lost(std::string_view cause) override {
    std::printf("do not trade: %s; ask for a new snapshot\n", std::string{cause}.c_str());
  }
};

WireLevel level(std::string_view price, std::string_view quantity) {
  return {.price = *parse_wire_number(price), .quantity = *parse_wire_number(quantity)};
}

}  // namespace

int main() {
  Printer printer;
  BookBuilder builder{book_rules("binance-um", "depth@0ms"), printer};
  const std::vector<WireLevel> bids{level("3424.98", "207.725"), level("3424.97", "0.724")};
  const std::vector<WireLevel> asks{level("3424.99", "1.524"), level("3425.00", "5.000")};
  builder.apply({.kind = BookMessageKind::image, .sequence = 100, .bids = bids, .asks = asks});
  const std::vector<WireLevel> change{level("3424.99", "0"), level("3425.00", "7.250")};
  builder.apply({.sequence_begin = 98, .sequence = 103, .sequence_previous = 97, .asks = change});
  const std::vector<WireLevel> less{level("3424.98", "150")};
  builder.apply({.sequence_begin = 104, .sequence = 107, .sequence_previous = 103, .bids = less});
  if (!builder.trusted()) return 1;
  const Sweep order = sweep(builder.book(), AggressorSide::buy, 5'000);
  std::printf("5 would cost %s each\n",
              to_text(*average_price(order, builder.book().scale())).c_str());
  return 0;
}
