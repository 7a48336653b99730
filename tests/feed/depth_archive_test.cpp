#include "feed/depth_archive.hpp"

#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tapedeck {
namespace {

using Texts = std::vector<std::string>;

const std::string kHeader =
    "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu\n";

std::string row(int64_t ms, int64_t first, int64_t last, std::string_view side,
                std::string_view price, int64_t previous, std::string_view symbol = "BTCUSDT") {
  return fmt::format("{},{},{},{},{},set,{},1.500,{}\n", symbol, 1'667'347'199'000 + ms, first,
                     last, side, price, previous);
}

std::string snap(int64_t ms, int64_t last, std::string_view side, std::string_view price) {
  return fmt::format("BTCUSDT,{},{},{},{},snap,{},2,-1\n", 1'667'347'199'000 + ms, last, last, side,
                     price);
}

std::string text_of(const FeedRecord& record) {
  const auto& book = std::get<BookMessage>(record);
  std::string text = book.kind == BookMessageKind::image ? "image" : "update";
  text += fmt::format(" {} {}", book.symbol,
                      book.ts_event->time_since_epoch().count() / 1'000'000 - 1'667'347'199'000);
  text += book.sequence_begin ? fmt::format(" {}–", *book.sequence_begin) : " ";
  text += fmt::format("{}", *book.sequence);
  if (book.sequence_previous) text += fmt::format(" after {}", *book.sequence_previous);
  for (const auto& [name, levels] : {std::pair{"bid", book.bids}, std::pair{"ask", book.asks}}) {
    for (const WireLevel& level : levels) {
      text +=
          fmt::format(" {} {}×{}", name, to_text(Decimal{level.price.units, level.price.exponent}),
                      to_text(Decimal{level.quantity.units, level.quantity.exponent}));
    }
  }
  return text;
}

struct Read {
  Texts messages;  // "lost" where one was refused
  Texts reasons;
  std::string venues;
};

Read read(std::string_view updates, std::string_view snapshots = {}, size_t piece = 1 << 20,
          std::optional<std::string> venue = {}) {
  DepthArchiveDecoder decoder{std::move(venue)};
  if (!snapshots.empty()) decoder.add_side(snapshots);
  for (size_t begin = 0; begin < updates.size(); begin += piece)
    decoder.decode(updates.substr(begin, piece));
  decoder.finish();
  Read all;
  while (const auto batch = decoder.take_batch(true)) {
    for (const CapturedMessage& message : batch->messages) {
      if (message.outcome == CapturedMessage::Outcome::refused) all.messages.emplace_back("lost");
      for (uint32_t i = 0; i < message.records; ++i)
        all.messages.push_back(text_of(batch->records[message.first_record + i]));
    }
    all.venues = fmt::format("{}", fmt::join(batch->venues, " "));
  }
  for (const DecodeError& error : decoder.take_errors())
    all.reasons.push_back(fmt::format("{}: {}", error.line, error.reason));
  CHECK(decoder.refused() == std::ssize(all.reasons));
  return all;
}

}  // namespace

TEST_CASE("rows of one message are one update, with the numbers of the chain") {
  const std::string text = kHeader + row(1, 5, 9, "a", "101.0", 4) + row(1, 5, 9, "b", "99", 4) +
                           row(2, 10, 10, "b", "98.50", 9);
  const Texts expected{"update BTCUSDT 1 5–9 after 4 bid 99×1.5 ask 101×1.5",
                       "update BTCUSDT 2 10–10 after 9 bid 98.5×1.5"};
  for (const size_t piece : {size_t{1}, size_t{13}, size_t{4096}}) {
    CAPTURE(piece);
    CHECK(read(text, {}, piece).messages == expected);
  }
  CHECK(read(text).venues == "binance-um");
}

TEST_CASE("snapshots take their place by time, in front of updates of the same one") {
  const Read all =
      read(kHeader + row(1, 5, 9, "a", "101", 4) + row(3, 10, 12, "b", "99", 9),
           kHeader + snap(3, 9, "b", "98") + snap(3, 9, "a", "102") + snap(7, 20, "a", "103"));
  CHECK(all.messages ==
        Texts{"update BTCUSDT 1 5–9 after 4 ask 101×1.5", "image BTCUSDT 3 9 bid 98×2 ask 102×2",
              "update BTCUSDT 3 10–12 after 9 bid 99×1.5", "image BTCUSDT 7 20 ask 103×2"});
}

TEST_CASE("what is margined in the coin is of another market; the caller knows better") {
  CHECK(read(kHeader + row(1, 5, 9, "a", "101", 4, "BTCUSD_PERP")).venues == "binance-cm");
  CHECK(read(kHeader + row(1, 5, 9, "a", "101", 4, "BTCUSDT_240927")).venues == "binance-um");
  CHECK(read(kHeader + row(1, 5, 9, "a", "101", 4), {}, 4096, "binance-cm").venues == "binance-cm");
  CHECK_THROWS_WITH_AS(read(kHeader, {}, 1, "nowhere"),
                       "'nowhere' is no venue of these files; they are of binance-um and "
                       "binance-cm",
                       Error);
}

TEST_CASE("the messages around a refused row are not used, and the stream is lost there") {
  const std::string good = row(1, 5, 9, "a", "101", 4);
  const std::string bad = "BTCUSDT,1667347199002,10,12,b,set,not,1,9\n";
  const Read all = read(kHeader + good + row(2, 10, 12, "a", "102", 9) + bad +
                        row(2, 10, 12, "b", "99", 9) + row(3, 13, 13, "b", "97", 12));
  CHECK(all.messages == Texts{"update BTCUSDT 1 5–9 after 4 ask 101×1.5", "lost",
                              "update BTCUSDT 3 13–13 after 12 bid 97×1.5"});
  REQUIRE(all.reasons.size() == 1);
  CHECK(all.reasons[0].find("4: price must be a number above 0, found 'not'") == 0);
}

TEST_CASE("a line without an end is a loss, however it arrives") {
  const std::string text = kHeader + row(1, 5, 9, "a", "101", 4) + row(2, 10, 12, "a", "102", 9) +
                           std::string(70'000, 'x') + "\n" + row(3, 13, 13, "b", "97", 12) +
                           row(4, 14, 14, "b", "96", 13);
  for (const size_t piece : {size_t{1'000}, size_t{200'000}}) {
    CAPTURE(piece);
    CHECK(read(text, {}, piece).messages == Texts{"update BTCUSDT 1 5–9 after 4 ask 101×1.5",
                                                  "lost",
                                                  "update BTCUSDT 4 14–14 after 13 bid 96×1.5"});
  }
}

TEST_CASE("a damaged snapshot is none") {
  const Read all = read(
      kHeader + row(9, 5, 9, "a", "101", 4),
      kHeader + snap(1, 4, "b", "98") + "torn\n" + snap(1, 4, "a", "102") + snap(2, 5, "a", "103"));
  CHECK(all.messages ==
        Texts{"image BTCUSDT 2 5 ask 103×2", "update BTCUSDT 9 5–9 after 4 ask 101×1.5"});
  CHECK(all.reasons.size() == 1);
}

TEST_CASE("a row that cannot be is refused with its reason") {
  const auto reason = [](const std::string& line) {
    const Read all = read(kHeader + line + "\n");
    CHECK(all.messages.empty());
    return all.reasons.empty() ? "none" : all.reasons[0];
  };
  CHECK(reason("BTCUSDT,1667347199002,10,12,b,set,1,1") == "2: must have 9 columns, found 8");
  CHECK(reason(",1667347199002,10,12,b,set,1,1,9") == "2: symbol is missing");
  for (const auto& [line, words] : {
           std::pair{"BTCUSDT,16673,10,12,b,set,1,1,9", "timestamp"},
           std::pair{"BTCUSDT,1667347199002,-1,12,b,set,1,1,9", "first_update_id"},
           std::pair{"BTCUSDT,1667347199002,10,,b,set,1,1,9", "last_update_id"},
           std::pair{"BTCUSDT,1667347199002,10,12,c,set,1,1,9", "side"},
           std::pair{"BTCUSDT,1667347199002,10,12,b,put,1,1,9", "update_type"},
           std::pair{"BTCUSDT,1667347199002,10,12,b,set,0,1,9", "price"},
           std::pair{"BTCUSDT,1667347199002,10,12,b,set,1,-1,9", "qty"},
           std::pair{"BTCUSDT,1667347199002,10,12,b,set,1,12345678901234567890,9", "qty"},
           std::pair{"BTCUSDT,1667347199002,10,12,b,set,1,1,x", "pu"},
       }) {
    CAPTURE(line);
    CHECK(reason(line).find(words) != std::string::npos);
  }
}

TEST_CASE("the header tells these files") {
  CHECK(looks_like_depth_archive(kHeader));
  CHECK_FALSE(looks_like_depth_archive("symbol,timestamp,price\n"));
}

}  // namespace tapedeck
