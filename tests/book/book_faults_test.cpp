// BookBuilder: messages of clean streams are dropped, doubled and change places, connections are
// lost. Each loss must be told, no other, and a book that is trusted must be the true one.
#include "book/clean_stream.hpp"
#include "feed/feed_venue.hpp"
#include "tapedeck/book/book_builder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tapedeck {
namespace {

using test::CleanStream;
using test::MapBook;
using test::RandomWalk;

// A place is the number of an update in its stream; −1 is in front of all.
using Place = int64_t;

struct Loss {
  Place from;  // last update that was told
  Place to;    // first one with a book again; behind the last update when there is none
};

// The true book behind each update.
class Truth {
 public:
  explicit Truth(const CleanStream& stream) {
    MapBook book;
    book.set(stream.first.front().message);
    add(*stream.first.front().message.sequence, book);
    for (const OwnedBookMessage& update : stream.updates) {
      book.set(update.message);
      add(*update.message.sequence, book);
    }
  }
  Place place_of(int64_t sequence) const { return places_.at(sequence); }
  uint64_t hash(Place place) const { return hashes_.at(static_cast<size_t>(place + 1)); }

 private:
  void add(int64_t sequence, const MapBook& book) {
    // The first update may have the number of the image that it joins.
    places_.insert_or_assign(sequence, static_cast<Place>(hashes_.size()) - 1);
    hashes_.push_back(book.hash());
  }
  std::map<int64_t, Place> places_;
  std::vector<uint64_t> hashes_;
};

class Judge final : public BookListener {
 public:
  explicit Judge(const CleanStream& stream, const Truth& truth)
      : truth_{truth}, builder_{stream.rules, *this} {}

  void apply(const BookMessage& message) {
    builder_.apply(message);
    if (!builder_.trusted()) return;
    REQUIRE(builder_.sequence().has_value());
    const uint64_t hash = truth_.hash(truth_.place_of(*builder_.sequence()));
    REQUIRE(MapBook::hash_of(builder_.book()) == hash);
    REQUIRE(told_.hash() == hash);
  }
  // What was lost, of a stream of so many updates.
  std::vector<Loss> finish(Place updates) {
    builder_.finish();
    if (lost_) losses_.push_back({.from = last_, .to = updates});
    return losses_;
  }
  const BookCounts& counts() const { return builder_.counts(); }

  void on_step(const BookStep& step, const OrderBook& book) override {
    if (step.kind == BookStepKind::unsynced) return;
    const Place place = truth_.place_of(*step.sequence);
    if (step.kind == BookStepKind::snapshot) {
      if (lost_) losses_.push_back({.from = last_, .to = place});
      lost_ = false;
      begun_ = true;
      told_.read(book);
    }
    REQUIRE(begun_);
    REQUIRE_FALSE(lost_);
    for (const BookChange& change : step.changes)
      told_.set(change, step.scale);
    last_ = place;
  }
  void on_lost(std::string_view) override {
    REQUIRE_FALSE(lost_);
    lost_ = true;
  }

 private:
  const Truth& truth_;
  BookBuilder builder_;
  MapBook told_;
  bool begun_ = false;
  bool lost_ = false;
  Place last_ = -1;
  std::vector<Loss> losses_;
};

struct Faults {
  int64_t drops = 0;
  int64_t disconnects = 0;
  int64_t duplicates = 0;
  int64_t swaps = 0;
  std::vector<Place> removed = {};
  int64_t all() const { return drops + disconnects + duplicates + swaps; }
};

// The messages of a stream with faults, and the books that the venue gives after a loss.
class FaultyStream {
 public:
  // `spacing` is the least number of updates from one loss to the next.
  FaultyStream(const CleanStream& stream, uint64_t seed, uint64_t spacing)
      : stream_{stream}, random_{seed} {
    add(stream.first.front().message);
    truth_.set(stream.first.front().message);
    drop_some(spacing);
    swap_some();
    double_some();
  }

  const Faults& faults() const { return faults_; }
  std::vector<BookMessage> messages() const {
    std::vector<BookMessage> messages;
    for (const auto& [is_book, index] : sent_) {
      const std::vector<OwnedBookMessage>& from = is_book ? books_ : stream_.updates;
      messages.push_back(from[index].message);
    }
    return messages;
  }

 private:
  // So many at the end stay: what is missing there, nobody can see.
  static constexpr size_t kTail = 100;

  struct Sent {
    bool is_book;
    size_t index;  // of books_, or of the stream's updates
  };

  uint64_t up_to(uint64_t most) { return random_() % (most + 1); }
  void add(const BookMessage& book) {
    sent_.push_back({.is_book = true, .index = books_.size()});
    books_.emplace_back(book, std::nullopt);
  }

  void drop_some(uint64_t spacing) {
    uint64_t next = spacing + up_to(spacing);
    size_t left = 0;                // updates that go with this one
    std::optional<size_t> book_at;  // when the venue sends a book
    for (size_t i = 0; i < stream_.updates.size(); ++i) {
      if (i == next && i + kTail < stream_.updates.size()) {
        const bool disconnect = random_() % 3 == 0;
        left = disconnect ? 2 + up_to(28) : 1;
        ++(disconnect ? faults_.disconnects : faults_.drops);
        book_at = i + left + up_to(25);
        next = *book_at + spacing + up_to(spacing);
      }
      truth_.set(stream_.updates[i].message);
      if (left > 0) {
        --left;
        faults_.removed.push_back(static_cast<Place>(i));
      } else {
        sent_.push_back({.is_book = false, .index = i});
      }
      if (book_at == i) add_book(i);
    }
  }

  // As it is behind update i; an image may be of the midst of the next one, and late.
  void add_book(size_t i) {
    const BookMessage& last = stream_.updates[i].message;
    int64_t number = *last.sequence;
    if (!test::has_images(stream_)) {
      return add(
          test::whole_message(truth_, BookMessageKind::snapshot, number, last.ts_event).message);
    }
    MapBook book = truth_;
    if (i + 1 < stream_.changes.size()) {
      const auto& changes = stream_.changes[i + 1];
      const size_t some = up_to(changes.size() - 1);
      for (size_t at = 0; at < some; ++at) {
        book.set(changes[at].side, changes[at].level);
        number = changes[at].number;
      }
    }
    add(test::whole_message(book, BookMessageKind::image, number).message);
  }

  // Neighbours, books among them.
  void swap_some() {
    for (size_t at = up_to(40); at + 1 < sent_.size(); at += 3 + up_to(60)) {
      std::swap(sent_[at], sent_[at + 1]);
      ++faults_.swaps;
    }
  }

  // A double comes at once or some messages later; that of a book at once.
  void double_some() {
    std::vector<std::pair<size_t, Sent>> doubles;  // behind which place
    for (size_t at = up_to(40); at < sent_.size(); at += 1 + up_to(60)) {
      doubles.emplace_back(sent_[at].is_book ? at : std::min(at + up_to(20), sent_.size() - 1),
                           sent_[at]);
      ++faults_.duplicates;
    }
    std::ranges::stable_sort(doubles, {}, &std::pair<size_t, Sent>::first);
    std::vector<Sent> all;
    auto next = doubles.begin();
    for (size_t at = 0; at < sent_.size(); ++at) {
      all.push_back(sent_[at]);
      for (; next != doubles.end() && next->first == at; ++next)
        all.push_back(next->second);
    }
    sent_ = std::move(all);
  }

  const CleanStream& stream_;
  std::mt19937_64 random_;
  MapBook truth_;
  Faults faults_;
  std::vector<OwnedBookMessage> books_;
  std::vector<Sent> sent_;
};

// Each update that was removed lies in a loss, each loss begins with one.
void check_losses(const std::vector<Loss>& losses, const std::vector<Place>& removed) {
  for (const Loss& loss : losses) {
    CAPTURE(loss.from);
    CAPTURE(loss.to);
    CHECK(std::ranges::binary_search(removed, loss.from + 1));
    CHECK(loss.from < loss.to);
  }
  for (const Place place : removed) {
    CAPTURE(place);
    const auto holds = [&](const Loss& loss) { return loss.from < place && place <= loss.to; };
    CHECK(std::ranges::count_if(losses, holds) == 1);
  }
}

// The number of faults.
int64_t check_run(const CleanStream& stream, const Truth& truth, uint64_t seed, uint64_t spacing) {
  CAPTURE(seed);
  CAPTURE(spacing);
  const FaultyStream faulty{stream, seed, spacing};
  Judge judge{stream, truth};
  for (const BookMessage& message : faulty.messages())
    judge.apply(message);
  const std::vector<Loss> losses = judge.finish(static_cast<Place>(stream.updates.size()));
  const Faults& faults = faulty.faults();
  check_losses(losses, faults.removed);
  // Those that lie close together are one.
  const auto removals = static_cast<size_t>(faults.drops + faults.disconnects);
  CHECK(losses.size() <= removals);
  if (spacing >= 50) CHECK(losses.size() == removals);
  CHECK(judge.counts().crossed == 0);
  return faults.all();
}

int64_t check_runs(const CleanStream& stream, uint64_t runs) {
  if (stream.first.empty()) return 0;
  const Truth truth{stream};
  int64_t faults = 0;
  for (uint64_t seed = 1; seed <= runs; ++seed) {
    for (const uint64_t spacing : {uint64_t{60}, uint64_t{3}})
      faults += check_run(stream, truth, seed, spacing);
  }
  return faults;
}

class Silence final : public BookListener {
 public:
  void on_step(const BookStep&, const OrderBook&) override {}
  void on_lost(std::string_view) override { ++losses; }
  int64_t losses = 0;
};

// The hash of the best levels behind each message.
std::vector<uint64_t> hashes_of_best(const BookRules& rules,
                                     const std::vector<OwnedBookMessage>& messages, size_t best) {
  Silence listener;
  BookBuilder builder{rules, listener};
  std::vector<uint64_t> hashes;
  for (const OwnedBookMessage& each : messages) {
    builder.apply(each.message);
    REQUIRE(builder.trusted());
    hashes.push_back(MapBook::hash_of(builder.book(), best));
  }
  const bool snapshot_has_one = messages.front().message.checksum.has_value();
  CHECK(builder.counts().checksums_passed ==
        static_cast<int64_t>(messages.size()) - (snapshot_has_one ? 0 : 1));
  return hashes;
}

// Whether a checksum shows that one message is missing.
bool shows(const BookRules& rules, const std::vector<OwnedBookMessage>& messages, size_t dropped,
           const std::vector<uint64_t>& hashes, size_t best) {
  Silence listener;
  BookBuilder builder{rules, listener};
  for (size_t at = 0; at < messages.size() && listener.losses == 0; ++at) {
    if (at == dropped) continue;
    const int64_t passed = builder.counts().checksums_passed;
    builder.apply(messages[at].message);
    if (builder.counts().checksums_passed == passed) continue;
    REQUIRE(MapBook::hash_of(builder.book(), best) == hashes[at]);
  }
  CHECK(builder.counts().checksums_failed + builder.counts().crossed == listener.losses);
  return listener.losses > 0;
}

// How many of twelve drops a checksum shows.
int64_t check_checksums(const BookRules& rules, const std::vector<OwnedBookMessage>& messages,
                        size_t best) {
  const std::vector<uint64_t> hashes = hashes_of_best(rules, messages, best);
  std::mt19937_64 random{messages.size()};
  int64_t shown = 0;
  for (int run = 0; run < 12; ++run)
    shown += shows(rules, messages, 1 + random() % (messages.size() - 1), hashes, best) ? 1 : 0;
  return shown;
}

std::string touch_text(const Decimal& bid, const Decimal& bid_quantity, const Decimal& ask,
                       const Decimal& ask_quantity) {
  return to_text(bid) + " " + to_text(bid_quantity) + " " + to_text(ask) + " " +
         to_text(ask_quantity);
}

// The best levels behind each step, with its number.
class TouchListener final : public BookListener {
 public:
  void on_step(const BookStep& step, const OrderBook& book) override {
    if (step.kind == BookStepKind::unsynced) return;
    const auto bid = book.best(BookSide::bid);
    const auto ask = book.best(BookSide::ask);
    REQUIRE((bid && ask));
    const auto [price, quantity] = step.scale;
    touches.emplace_back(*step.sequence,
                         touch_text({bid->price.raw(), price}, {bid->quantity.raw(), quantity},
                                    {ask->price.raw(), price}, {ask->quantity.raw(), quantity}));
  }
  void on_lost(std::string_view) override {}

  std::vector<std::pair<int64_t, std::string>> touches;
};

}  // namespace

TEST_CASE("a clean stream has no losses") {
  for (const auto continuity : {BookContinuity::binance_spot, BookContinuity::binance_futures,
                                BookContinuity::consecutive}) {
    const CleanStream stream = RandomWalk{continuity, 7}.stream(500);
    const Truth truth{stream};
    Judge judge{stream, truth};
    judge.apply(stream.first.front().message);
    for (const OwnedBookMessage& update : stream.updates)
      judge.apply(update.message);
    CHECK(judge.finish(500).empty());
    CHECK(judge.counts().unsynced == 0);
    CHECK(judge.counts().stale == 0);
  }
}

TEST_CASE("of a random walk with a thousand faults each loss is told, and no other") {
  int64_t faults = 0;
  for (const auto continuity : {BookContinuity::binance_spot, BookContinuity::binance_futures,
                                BookContinuity::consecutive}) {
    CAPTURE(static_cast<int>(continuity));
    faults += check_runs(RandomWalk{continuity, 11}.stream(1'500), 8);
  }
  CHECK(faults >= 1'000);
}

TEST_CASE("of Binance's futures as recorded each loss is told, and no other") {
  const auto file = "ws_binance_collector/usdm_ethusdt_20240718.gz";
  check_runs(
      test::recorded_stream(book_rules("binance-um", "depth@0ms"),
                            test::recorded_books(file, make_binance_decoder()), "ETHUSDT", 1'500),
      1);
}

TEST_CASE("of Binance's spot as recorded each loss is told, and no other") {
  const auto file = "ws_binance_collector/spot_btcusdt_20240808.gz";
  check_runs(
      test::recorded_stream(book_rules("binance", "depth@100ms"),
                            test::recorded_books(file, make_binance_decoder()), "BTCUSDT", 1'500),
      1);
}

TEST_CASE("of Bybit as recorded each loss is told, and no other") {
  const auto file = "ws_bybit/bybit_v5_linear_20260809.jsonl.gz";
  check_runs(
      test::recorded_stream(book_rules("bybit-linear", "orderbook.200"),
                            test::recorded_books(file, make_bybit_decoder()), "BTCUSDT", 1'500),
      4);
}

// Each drop shows in a checksum, unless what it changed is deeper than the checksum is.
TEST_CASE("a message that is dropped fails the checksum, or the best levels are right") {
  struct Row {
    std::string_view venue, channel, file;
    std::unique_ptr<MessageDecoder> (*make_decoder)();
    size_t best;
  };
  const std::vector<Row> rows{
      {"okx", "books", "ws_okx/okx_v5_20220513.ws.gz", make_okx_decoder, 25},
      {"kraken", "book-1000", "ws_kraken/kraken_v1_20210417.ws.gz", make_kraken_decoder, 10},
      {"kraken", "book", "ws_kraken/kraken_v2_book10_BTCUSD_20260719.jsonl", make_kraken_decoder,
       10}};
  for (const Row& row : rows) {
    CAPTURE(row.file);
    const test::RecordedBooks books = test::recorded_books(row.file, row.make_decoder());
    int64_t shown = 0;
    for (const auto& [symbol, messages] : books)
      shown += check_checksums(book_rules(row.venue, row.channel), messages, row.best);
    CHECK((books.empty() || shown > 10));
  }
}

// `bookTicker` has each change of the touch with the number of the update that made it.
TEST_CASE("the touch of a recorded book is that of the venue's quotes") {
  struct Row {
    std::string_view venue, channel, file;
    int64_t updates;
  };
  const std::vector<Row> rows{
      {"binance", "depth@100ms", "ws_binance_collector/spot_btcusdt_20240808.gz", 3'449},
      {"binance-um", "depth@0ms", "ws_binance_collector/usdm_ethusdt_20240718.gz", 3'268}};
  for (const Row& row : rows) {
    CAPTURE(row.file);
    TouchListener touches;
    BookBuilder builder{book_rules(row.venue, row.channel), touches};
    std::map<int64_t, std::string> quotes;
    test::TestDecoder decoder{make_binance_decoder()};
    const bool there = test::for_each_frame(row.file, [&](std::string_view frame) {
      for (const FeedRecord& record : decoder.decode(frame).records) {
        if (const auto* book = std::get_if<BookMessage>(&record)) builder.apply(*book);
        const auto* quote = std::get_if<FeedQuote>(&record);
        if (quote == nullptr) continue;
        quotes[*quote->sequence] =
            touch_text(to_decimal(quote->bid.price), to_decimal(quote->bid.quantity),
                       to_decimal(quote->ask.price), to_decimal(quote->ask.quantity));
      }
    });
    if (!there) continue;
    CHECK(builder.counts().gaps == 0);
    CHECK(static_cast<int64_t>(touches.touches.size()) == row.updates);
    for (const auto& [sequence, touch] : touches.touches) {
      const auto quote = quotes.upper_bound(sequence);
      REQUIRE(quote != quotes.begin());
      CHECK(touch == std::prev(quote)->second);
    }
  }
}

}  // namespace tapedeck
