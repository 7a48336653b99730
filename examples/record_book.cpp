// What a venue sends of a book, on its way into a store: each batch is on the disk when it is
// acknowledged, and in the next answer. Bybit numbers its updates; 4 does not come.
#include <cstdio>
#include <string>
#include <tapedeck/book/measures.hpp>
#include <tapedeck/tapedeck.hpp>
#include <vector>

namespace {

using namespace tapedeck;

const Timestamp kBegin = *parse_timestamp("2026-11-20T10:00:00Z");

OwnedBookMessage message(BookMessageKind kind, int64_t number, std::string_view bid) {
  const std::vector<WireLevel> bids{
      {.price = *parse_wire_number("61837.50"), .quantity = *parse_wire_number(bid)}};
  const std::vector<WireLevel> asks{
      {.price = *parse_wire_number("61837.60"), .quantity = *parse_wire_number("2")}};
  const Timestamp t = kBegin + std::chrono::milliseconds{100 * number};
  return {{.kind = kind, .ts_event = t, .sequence = number, .bids = bids, .asks = asks},
          t + std::chrono::milliseconds{7}};  // our clock
}

void show(const Store& store, const Instrument& btc) {
  const BookAnswer answer = book_at(store, {.instrument = btc});
  const BookLevel bid = *answer.book.best(BookSide::bid);
  std::printf("%lld: bid quantity %s%s%s\n", static_cast<long long>(answer.sequence.value_or(0)),
              to_text(Decimal{bid.quantity.raw(), answer.book.scale().qty_exp}).c_str(),
              answer.distrust.empty() ? "" : ", not to be trusted: ", answer.distrust.c_str());
}

}  // namespace

int main() {
  Store store{":memory:"};
  const Instrument btc =
      store.resolve_instrument({.venue = "bybit", .symbol = "BTCUSDT"}, NewVenue::refuse);
  Writer writer{store};
  const auto record = [&](std::vector<OwnedBookMessage> messages) {
    BookMessages batch{.channel = "orderbook.50"};
    batch.messages = std::move(messages);
    writer.append_live(btc.id, std::move(batch), {.source = "websocket"}).get();
    show(store, btc);
  };
  record({message(BookMessageKind::snapshot, 1, "1"), message(BookMessageKind::update, 2, "1.5")});
  record({message(BookMessageKind::update, 3, "1.25")});
  std::vector<OwnedBookMessage> behind_a_hole;
  for (int64_t number = 5; number < 25; ++number)
    behind_a_hole.push_back(message(BookMessageKind::update, number, "9"));
  record(std::move(behind_a_hole));
  record({message(BookMessageKind::snapshot, 25, "4")});
  return 0;
}
