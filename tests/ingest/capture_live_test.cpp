// Live = import: the messages of a capture through the live door, in pieces, leave the very rows
// that its import leaves.
#include "child_process.hpp"
#include "feed/capture_decoder.hpp"
#include "feed/message_text.hpp"
#include "ingest/capture_fixture.hpp"
#include "tapedeck/ingest/salvage.hpp"
#include "tapedeck/query/verify.hpp"
#include "tapedeck/store/writer.hpp"
#include "temp_store.hpp"

#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <set>

namespace tapedeck {
namespace {

using namespace test;

// Of one stream: a message, or the end of the connection that it came on.
struct Event {
  InstrumentName instrument;
  std::string channel;
  std::unique_ptr<OwnedBookMessage> message;
};

// What a recorder that subscribes to these streams would be told.
class Events {
 public:
  void read(std::string_view text, std::string_view answers = {}) {
    CaptureDecoder decoder;
    if (!answers.empty()) decoder.add_side(answers);
    decoder.decode(text);
    decoder.finish();
    while (const auto batch = decoder.take_batch(true)) {
      for (const CapturedMessage& message : batch->messages)
        take(*batch, message);
    }
  }
  std::vector<Event> all;

 private:
  using Key = std::pair<InstrumentName, std::string>;

  void take(const CaptureBatch& batch, const CapturedMessage& message) {
    if (message.outcome == CapturedMessage::Outcome::connected) {
      for (const Key& key : of_connection_[message.connection])
        all.push_back({key.first, key.second, nullptr});
    }
    for (uint32_t i = 0; i < message.records; ++i) {
      const auto* const book = std::get_if<BookMessage>(&batch.records[message.first_record + i]);
      if (book == nullptr) continue;
      const std::string venue{batch.venues[message.connection]};
      if (book->kind == BookMessageKind::image) {
        add_image(venue, *book, message.ts_recv);
        continue;
      }
      const Key key{{.venue = venue, .symbol = std::string{book->symbol}},
                    std::string{book->channel}};
      of_connection_[message.connection].insert(key);
      const bool is_new = streams_.insert(key).second;
      all.push_back({key.first, key.second, owned(*book, message.ts_recv)});
      if (!is_new) continue;
      for (const std::string& symbol : {key.first.symbol, std::string{}}) {
        const auto image = early_images_.find(symbol);
        if (image == early_images_.end()) continue;
        all.push_back({key.first, key.second, std::move(image->second)});
        std::swap(all.back(), all.end()[-2]);
        early_images_.erase(image);
      }
    }
  }
  void add_image(const std::string& venue, const BookMessage& image,
                 std::optional<Timestamp> ts_recv) {
    bool has_place = false;
    for (const auto& [instrument, channel] : streams_) {
      const bool fits = instrument.venue == venue &&
                        (image.symbol.empty() || image.symbol == instrument.symbol) &&
                        book_rules(venue, channel).waits_for_image();
      if (!fits) continue;
      all.push_back({instrument, channel, owned(image, ts_recv)});
      has_place = true;
    }
    if (!has_place) early_images_[std::string{image.symbol}] = owned(image, ts_recv);
  }
  static std::unique_ptr<OwnedBookMessage> owned(const BookMessage& message,
                                                 std::optional<Timestamp> ts_recv) {
    return std::make_unique<OwnedBookMessage>(message, ts_recv);
  }

  std::set<Key> streams_;
  std::map<uint32_t, std::set<Key>> of_connection_;
  std::map<std::string, std::unique_ptr<OwnedBookMessage>> early_images_;  // by symbol
};

// Events [from, to) in batches of one stream each, some of them applied at once.
void record(Store& store, const std::vector<Event>& events, size_t from, size_t to, unsigned seed) {
  std::future<Acknowledgement> last;
  Writer writer{store};
  std::mt19937 random{seed};
  const auto upto = [&](unsigned most) {
    return std::uniform_int_distribution<unsigned>{0, most}(random);
  };
  AppendOptions options;
  options.source = "capture";
  // So that a long recording is not cut more often than a short one.
  const auto rare = static_cast<unsigned>(1 + (to - from) / 2'000);
  while (from < to) {
    BookMessages batch{.channel = events[from].channel};
    const InstrumentName& name = events[from].instrument;
    if (!events[from].message) batch.interrupted = "the connection was lost";
    const size_t most = upto(3) == 0 ? upto(2'000) : upto(40);
    for (size_t count = 0; from < to && count <= most; ++count, ++from) {
      const Event& event = events[from];
      const bool fits = event.instrument == name && event.channel == batch.channel &&
                        (event.message || count == 0);
      if (!fits) break;
      if (event.message) batch.messages.push_back(*event.message);
    }
    options.durability = upto(4 * rare) == 0 ? Durability::applied : Durability::journal;
    last = writer.append_live(store.resolve_instrument(name, NewVenue::refuse).id, std::move(batch),
                              options);
    if (upto(30 * rare) == 0) writer.flush();
    // Others write: what is known of streams in memory may be wrong.
    if (upto(20 * rare) == 0) {
      store.resolve_instrument({.venue = "kraken", .symbol = fmt::format("X{}", from)},
                               NewVenue::refuse);
    }
  }
  last.get();
}

// Everything that is stored of books, with the places of rows in their stream for ordinals.
std::vector<std::string> stored_books(Store& store) {
  constexpr std::string_view kPlaces = R"(
    WITH s AS (SELECT b.stream_id, i.venue || ':' || i.symbol || ' ' || b.channel AS name,
        b.depth, b.integrity, b.updates FROM tape.book_streams b JOIN instruments i
        USING (instrument_id)),
      o AS (SELECT stream_id, ordinal, row_number() OVER (PARTITION BY stream_id ORDER BY ordinal)
        AS place FROM (SELECT stream_id, ordinal FROM tape.book_updates UNION ALL
        SELECT stream_id, ordinal FROM tape.book_keyframes)),
      b AS (SELECT book, row_number() OVER (PARTITION BY stream_id ORDER BY book) AS nth
        FROM tape.books))";
  constexpr std::string_view kUnits =
      "price::HUGEINT * (10 ** (12 + price_exp))::HUGEINT, "
      "quantity::HUGEINT * (10 ** (12 + qty_exp))::HUGEINT";
  std::vector<std::string> all;
  for (const std::string& rows : {
           std::string{"SELECT name, depth, integrity, updates FROM s ORDER BY ALL"},
           fmt::format("SELECT name, place, nth, ts_event, ts_recv, sequence, side, {} FROM "
                       "tape.book_updates u JOIN s USING (stream_id) JOIN o USING (stream_id, "
                       "ordinal) LEFT JOIN b USING (book) ORDER BY name, place",
                       kUnits),
           std::string{"SELECT name, place, nth, ts_event, ts_recv, sequence, ts_event_min, "
                       "ts_recv_min, levels FROM tape.book_keyframes JOIN s USING (stream_id) JOIN "
                       "o USING (stream_id, ordinal) JOIN b USING (book) ORDER BY name, place"},
           fmt::format("SELECT name, place, side, {} FROM tape.book_snapshots JOIN s USING "
                       "(stream_id) JOIN o USING (stream_id, ordinal) ORDER BY ALL",
                       kUnits),
           std::string{"SELECT name, place, checksum, price_digits, qty_digits FROM "
                       "tape.book_checksums JOIN s USING (stream_id) JOIN o USING (stream_id, "
                       "ordinal) ORDER BY name, place"},
           std::string{
               "SELECT name, nth, ts_event_begin, ts_event_end, ts_recv_begin, ts_recv_end, "
               "sequence, cause, tail_event, tail_recv FROM tape.books JOIN s USING (stream_id) "
               "JOIN b USING (book) ORDER BY name, nth"},
           std::string{"SELECT name, sum(rows), min(ts_begin), max(ts_end) FROM tape.loads l JOIN "
                       "tape.book_streams t ON l.instrument_id = t.instrument_id AND l.dataset = "
                       "'book:' || t.channel JOIN s USING (stream_id) GROUP BY ALL ORDER BY ALL"},
       }) {
    for (std::string& line : sql(store, fmt::format("{} {}", kPlaces, rows)))
      all.push_back(std::move(line));
  }
  for (const Instrument& instrument : store.instruments()) {
    for (const CoverageRow& row : store.coverage(instrument.id)) {
      if (!row.dataset.starts_with("book:")) continue;
      all.push_back(fmt::format("{} {} [{}, {}) {} {}", to_text(instrument.name), row.dataset,
                                to_iso(row.range.begin), to_iso(row.range.end), to_text(row.status),
                                row.cause));
    }
  }
  return all;
}

void check_equal(const std::vector<std::string>& live, const std::vector<std::string>& imported) {
  REQUIRE(!imported.empty());
  CHECK(live.size() == imported.size());
  const auto [one, other] = std::ranges::mismatch(live, imported);
  if (one == live.end() && other == imported.end()) return;
  CHECK((one == live.end() ? "" : *one) == (other == imported.end() ? "" : *other));
}

void check_no_findings(Store& store) {
  verify(store, {}, [&](const Finding& finding) {
    FAIL_CHECK(finding.dataset << " " << finding.what << ": expected " << finding.expected
                               << ", found " << finding.found << "; " << finding.cause);
  });
}

// What is left of a recording in progress.
std::string left_over(Store& store) {
  return sql_line(store,
                  "SELECT (SELECT count(*) FROM tape.live_books), (SELECT count(*) FROM "
                  "tape.book_waiting)");
}

std::string made_session() {
  std::string text;
  std::mt19937 random{7};
  int64_t number = 100;
  for (int64_t ms = 0; ms < 900'000; ms += 500) {
    const bool is_lost = ms % 200'000 == 100'000;  // one is missing
    if (is_lost) ++number;
    if (ms % 200'000 == 150'000 || ms == 20'000) {
      text += spot_image(ms, number - 3, "100x1 99x2", "102x1 103x2");
    }
    const auto quantity = std::to_string(1 + random() % 9);
    text +=
        spot_depth(ms, number + 1, number + 1, "9" + std::to_string(random() % 9) + "x" + quantity,
                   "10" + std::to_string(2 + random() % 7) + "x" + quantity);
    ++number;
  }
  return text;
}

TEST_CASE("messages through the live door leave what an import of them leaves") {
  const TempFolder folder;
  const std::string text = made_session();
  Store imported{":memory:"};
  import_capture(imported, write_capture(folder, "a", text));
  Events events;
  events.read(text);
  for (unsigned seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    TempStore live;
    record(*live, events.all, 0, events.all.size(), seed);
    live.reopen(OpenMode::write);
    check_equal(stored_books(*live), stored_books(imported));
    CHECK(left_over(*live) == "0 0");
    check_no_findings(*live);
  }
}

TEST_CASE("a process that is killed loses no message of a book") {
  const TempFolder folder;
  const std::string text = made_session();
  Store imported{":memory:"};
  import_capture(imported, write_capture(folder, "a", text));
  Events events;
  events.read(text);
  for (const size_t cut : {size_t{150}, size_t{900}, size_t{1'500}}) {
    CAPTURE(cut);
    TempStore live;
    live.close();
    {
      ChildProcess recorder{[&](const ChildProcess::Tell& tell) {
        Store store{live.path(), {.mode = OpenMode::write}};
        record(store, events.all, 0, cut, static_cast<unsigned>(cut));
        tell();
        for (;;)
          ::pause();
      }};
      REQUIRE(recorder.wait_for_word());
    }
    live.reopen(OpenMode::write);
    CHECK(left_over(*live) == "0 0");
    record(*live, events.all, cut, events.all.size(), 4);
    live.reopen(OpenMode::write);
    check_equal(stored_books(*live), stored_books(imported));
    check_no_findings(*live);
  }
}

TEST_CASE("a store that is salvaged has the books that were recorded") {
  const TempFolder folder;
  const std::string text = made_session();
  Store imported{":memory:"};
  import_capture(imported, write_capture(folder, "a", text));
  Events events;
  events.read(text);
  TempStore live;
  record(*live, events.all, 0, events.all.size(), 9);
  live.close();
  std::fstream database{live.path() / "store.duckdb",
                        std::ios::in | std::ios::out | std::ios::binary};
  database.seekp(8) << "no longer a database";
  database.close();
  CHECK(salvage(live.path(), [](const std::string&) {}).outcome == SalvageOutcome::rebuilt);
  live.reopen(OpenMode::write);
  check_equal(stored_books(*live), stored_books(imported));
  check_no_findings(*live);
}

// Those that are not there are passed over.
TEST_CASE("recordings of venues through the live door leave what their imports leave") {
  for (const auto& [frames, answers] : std::vector<std::pair<std::string, std::string>>{
           {"ws_binance_collector/spot_btcusdt_20240808.gz", ""},
           {"ws_binance_collector/usdm_ethusdt_20240718.gz", ""},
           {"ws_binance_cryptofeed/binance_spot_20211011.ws.gz",
            "ws_binance_cryptofeed/binance_spot_20211011.http.gz"},
           {"ws_bybit/bybit_v5_linear_20260809.jsonl.gz", ""},
           {"ws_coinbase/coinbase_exchange_20210417.ws.gz", ""},
           {"ws_hyperliquid/btcusd_20250126.gz", ""},
           {"ws_kraken/kraken_v1_20210417.ws.gz", ""},
           {"ws_kraken/kraken_v2_book10_BTCUSD_20260719.jsonl", ""},
           {"ws_okx/okx_v5_20220513.ws.gz", ""}}) {
    CAPTURE(frames);
    const std::string text = recorded_text(frames);
    if (text.empty()) continue;
    const std::string side = answers.empty() ? "" : recorded_text(answers);
    const TempFolder folder;
    if (!side.empty()) write_capture(folder, "a.http", side);
    Store imported{":memory:"};
    const FileReport report = import_capture(imported, write_capture(folder, "a.ws", text));
    REQUIRE(to_text(report.outcome) == "loaded");
    Events events;
    events.read(text, side);
    TempStore live;
    record(*live, events.all, 0, events.all.size(), 11);
    live.reopen(OpenMode::write);
    check_equal(stored_books(*live), stored_books(imported));
    CHECK(left_over(*live) == "0 0");
  }
}

}  // namespace
}  // namespace tapedeck
