// Recordings that are not part of the project, all of them in one store: no book has a gap, and
// each is what a replay of the decoded messages gives.
#include "feed/message_text.hpp"
#include "ingest/capture_fixture.hpp"
#include "ingest/capture_store.hpp"
#include "project_folder.hpp"
#include "tapedeck/query/verify.hpp"
#include "thrown.hpp"

#include <map>
#include <random>
#include <set>

namespace tapedeck {
namespace {

using namespace test;

namespace fs = std::filesystem;

// Those of venues that there is a decoder for; empty when they are not there.
std::vector<fs::path> recordings() {
  std::vector<fs::path> folders;
  for (const std::string_view name : {"ws_binance_collector", "ws_binance_cryptofeed", "ws_bybit",
                                      "ws_coinbase", "ws_hyperliquid", "ws_kraken", "ws_okx"}) {
    if (fs::is_directory(shared_folder() / name)) folders.push_back(shared_folder() / name);
  }
  return folders;
}

// Price and quantity in units of 10^-8.
using Levels = std::map<int64_t, int64_t>;

int64_t fixed(const WireNumber& number) {
  return units_at(number, -8).value();
}

struct ReplayedBook {
  std::array<Levels, 2> sides;

  void apply(const BookMessage& message, size_t depth) {
    for (const BookSide side : {BookSide::bid, BookSide::ask}) {
      Levels& levels = sides[static_cast<size_t>(side)];
      for (const WireLevel& level : side == BookSide::bid ? message.bids : message.asks) {
        if (level.quantity.units == 0) levels.erase(fixed(level.price));
        if (level.quantity.units != 0) levels[fixed(level.price)] = fixed(level.quantity);
      }
      while (depth > 0 && levels.size() > depth)
        levels.erase(side == BookSide::bid ? levels.begin() : std::prev(levels.end()));
    }
  }
  bool equals(const OrderBook& book) const {
    const Scale scale = book.scale();
    for (const BookSide side : {BookSide::bid, BookSide::ask}) {
      Levels stored;
      for (const BookLevel& level : book.levels(side)) {
        stored[level.price.raw() * power_of_ten(scale.price_exp + 8)] =
            level.quantity.raw() * power_of_ten(scale.qty_exp + 8);
      }
      if (stored != sides[static_cast<size_t>(side)]) return false;
    }
    return true;
  }
};

// The messages of one book from its snapshot on, as a decoder gives them.
class Replay {
 public:
  Replay(std::string symbol, std::string channel, size_t depth = 0)
      : symbol_{std::move(symbol)}, channel_{std::move(channel)}, depth_{depth} {}

  void read(const fs::path& path) {
    CaptureDecoder decoder;
    const std::string text = recorded_text(path.lexically_relative(shared_folder()).string());
    decoder.decode(text);
    decoder.finish();
    while (const auto batch = decoder.take_batch(true)) {
      for (const CapturedMessage& message : batch->messages) {
        for (uint32_t i = 0; i < message.records; ++i) {
          const auto* book = std::get_if<BookMessage>(&batch->records[message.first_record + i]);
          if (book != nullptr) add(*book, message.ts_recv);
        }
      }
    }
  }
  size_t size() const { return messages_.size(); }
  Timestamp time(size_t index, BookClock clock) const {
    const OwnedBookMessage& one = messages_[index];
    return clock == BookClock::recv ? one.ts_recv.value() : one.message.ts_event.value();
  }
  // Of everything that has that clock at or before `at`.
  ReplayedBook at(Timestamp at, BookClock clock) const {
    ReplayedBook book;
    if (image_) book.apply(image_->message, depth_);
    for (size_t i = 0; i < messages_.size(); ++i) {
      if (time(i, clock) > at) continue;
      if (messages_[i].message.kind == BookMessageKind::snapshot) book = {};
      book.apply(messages_[i].message, depth_);
    }
    return book;
  }

 private:
  void add(const BookMessage& book, std::optional<Timestamp> ts_recv) {
    if (book.kind == BookMessageKind::image) {
      if (!image_) image_.emplace(book, ts_recv);
      std::erase_if(messages_, [&](const OwnedBookMessage& one) {
        return *one.message.sequence < *image_->message.sequence;
      });
    } else if (book.symbol == symbol_ && book.channel == channel_) {
      const bool known = image_ && *book.sequence < *image_->message.sequence;
      const bool begun = !messages_.empty() || book.kind == BookMessageKind::snapshot ||
                         channel_.starts_with("depth");
      if (!known && begun) messages_.emplace_back(book, ts_recv);
    }
  }

  std::string symbol_;
  std::string channel_;
  size_t depth_;
  std::optional<OwnedBookMessage> image_;
  std::vector<OwnedBookMessage> messages_;
};

void check_streams(const ImportSummary& summary) {
  std::map<std::string, int64_t> checksums;
  for (const FileReport& file : summary.files) {
    CAPTURE(file.path.string());
    CAPTURE(file.message);
    CHECK(to_text(file.outcome) == "loaded");
    CHECK(file.rejects == 0);
    CHECK(file.unknown == 0);
    const bool without_snapshot = file.path.filename() == "spot_btcusdt_20230405_us.gz";
    for (const StreamReport& stream : file.streams) {
      CAPTURE(stream.instrument);
      CHECK(stream.counts.gaps == 0);
      CHECK(stream.counts.checksums_failed == 0);
      CHECK(stream.trusted != without_snapshot);
      checksums[file.path.filename().string().substr(0, 9)] += stream.counts.checksums_passed;
    }
  }
  CHECK(checksums["kraken_v1"] == 4'269);
  CHECK(checksums["kraken_v2"] == 41);
  CHECK(checksums["okx_v5_20"] == 290);
}

// Read back from the store, what the venues say of their books still holds.
void check_verified(Store& store) {
  const VerifyReport report = verify(store, {}, [](const Finding& finding) {
    CAPTURE(finding.instrument);
    CAPTURE(finding.dataset);
    CAPTURE(finding.what);
    CHECK(finding.cause == "no finding");
  });
  CHECK(report.findings == 0);
  CHECK(report.book_checksums == 4'269 + 41 + 290);
  CHECK(report.book_quotes > 3'000);
}

void check_best_prices(const Store& store) {
  const std::map<std::string, std::string_view> names{
      {"OPEN spot BTCUSDT", "binance:BTCUSDT"},
      {"OPEN usdm ETHUSDT", "binance-um:ETHUSDT"},
      {"OPEN coinm ETHUSD_PERP", "binance-cm:ETHUSD_PERP"}};
  const std::string text = recorded_text("expected/binance_book_bbo_20.csv");
  int checked = 0;
  for (size_t begin = text.find('\n') + 1; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::vector<std::string> fields;
    for (size_t at = begin; at < end;) {
      const size_t comma = std::min(text.find(',', at), end);
      fields.push_back(text.substr(at, comma - at));
      at = comma + 1;
    }
    begin = end + 1;
    REQUIRE(fields.size() == 7);
    CAPTURE(fields[0] + " " + fields[1]);
    const BookAnswer answer = book_at(store, {.instrument = store.instrument(names.at(fields[0])),
                                              .at = at(fields[1]),
                                              .clock = BookClock::recv});
    const Scale scale = answer.book.scale();
    const auto bid = answer.book.best(BookSide::bid).value();
    const auto ask = answer.book.best(BookSide::ask).value();
    CHECK(answer.distrust.empty());
    CHECK(std::to_string(answer.sequence.value()) == fields[2]);
    CHECK(to_text(Decimal{bid.price.raw(), scale.price_exp}) == to_text(*parse_decimal(fields[3])));
    CHECK(to_text(Decimal{bid.quantity.raw(), scale.qty_exp}) ==
          to_text(*parse_decimal(fields[4])));
    CHECK(to_text(Decimal{ask.price.raw(), scale.price_exp}) == to_text(*parse_decimal(fields[5])));
    CHECK(to_text(Decimal{ask.quantity.raw(), scale.qty_exp}) ==
          to_text(*parse_decimal(fields[6])));
    ++checked;
  }
  CHECK(checked == 60);
}

void check_replay(const Store& store, std::string_view instrument, const Replay& replay,
                  std::initializer_list<BookClock> clocks, int moments) {
  CAPTURE(instrument);
  REQUIRE(replay.size() > 1);
  std::mt19937 random{42};
  for (const BookClock clock : clocks) {
    CAPTURE(to_text(clock));
    const int64_t first = to_epoch_ns(replay.time(0, clock));
    const int64_t span = to_epoch_ns(replay.time(replay.size() - 1, clock)) - first;
    for (int i = 0; i < moments; ++i) {
      // Half of them at the very moment of a message.
      const Timestamp at = i % 2 == 0 ? from_epoch_ns(first + static_cast<int64_t>(random()) % span)
                                      : replay.time(random() % replay.size(), clock);
      CAPTURE(to_iso(at));
      const BookAnswer answer =
          book_at(store, {.instrument = store.instrument(instrument), .at = at, .clock = clock});
      CHECK(replay.at(at, clock).equals(answer.book));
      CHECK(answer.distrust.empty());
    }
  }
}

TEST_CASE("all recordings make books without a gap, right at any moment") {
  const std::vector<fs::path> folders = recordings();
  if (folders.empty()) {
    MESSAGE("skipped: no " << shared_folder().string());
    return;
  }
  TempStore store;
  check_streams(import_paths(*store, folders));
  check_verified(*store);
  CHECK(sql_line(*store,
                 "SELECT count(*) FROM tape.coverage WHERE status = 'gap' AND dataset LIKE "
                 "'book:%'") == "0");
  CHECK(sql_line(*store,
                 "SELECT symbol, channel, count(*) FROM tape.books JOIN tape.book_streams "
                 "USING (stream_id) JOIN tape.instruments USING (instrument_id) WHERE "
                 "channel LIKE 'depth%' AND (symbol, venue_id) IN (('BTCUSDT', 1), "
                 "('ETHUSDT', 2)) GROUP BY ALL ORDER BY ALL") ==
        "BTCUSDT depth@100ms 1; ETHUSDT depth@0ms 1");
  check_best_prices(*store);
  using enum BookClock;
  const fs::path collector = shared_folder() / "ws_binance_collector";
  Replay spot{"BTCUSDT", "depth@100ms"};
  spot.read(collector / "spot_btcusdt_20240808.gz");
  spot.read(collector / "spot_btcusdt_20240809.gz");
  check_replay(*store, "binance:BTCUSDT", spot, {event, recv}, 30);
  Replay coin_margined{"ETHUSD_PERP", "depth@0ms"};
  coin_margined.read(collector / "cm_ethusd_perp_20240808.gz");
  check_replay(*store, "binance-cm:ETHUSD_PERP", coin_margined, {event, recv}, 30);
  Replay bybit{"ETHUSDT", "orderbook.200", 200};
  bybit.read(shared_folder() / "ws_bybit" / "bybit_v5_linear_20260809.jsonl.gz");
  check_replay(*store, "bybit-linear:ETHUSDT", bybit, {recv}, 40);
  Replay kraken{"BTC/USD", "book", 10};
  kraken.read(shared_folder() / "ws_kraken" / "kraken_v2_book10_BTCUSD_20260719.jsonl");
  check_replay(*store, "kraken:BTC/USD", kraken, {event}, 40);
}

TEST_CASE("a recording that has no snapshot in it gives no book") {
  const fs::path path = shared_folder() / "ws_binance_collector" / "spot_btcusdt_20230405_us.gz";
  if (!fs::exists(path)) {
    MESSAGE("skipped: no " << path.string());
    return;
  }
  Store store{":memory:"};
  const FileReport report = import_capture(store, path);
  REQUIRE(report.streams.size() == 1);
  CHECK_FALSE(report.streams[0].trusted);
  CHECK(report.streams[0].counts.unsynced == report.streams[0].counts.messages);
  check_refused(ErrorCode::not_found,
                {"no book of binance:BTCUSDT can be given", "have no snapshot"},
                [&] { book_text(store, "BTCUSDT"); });
}

}  // namespace
}  // namespace tapedeck
