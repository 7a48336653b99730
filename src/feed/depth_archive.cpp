#include "feed/depth_archive.hpp"

#include "base/check.hpp"
#include "feed/feed_venue.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::string_view kHeader =
    "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu";
constexpr size_t kColumns = 9;

// BTCUSD_PERP and BTCUSD_240927 are margined in the coin, BTCUSDT_240927 is not.
std::string_view venue_of_symbol(std::string_view symbol) {
  return symbol.find("USD_") != std::string_view::npos ? "binance-cm" : "binance-um";
}

Field<WireNumber> read_number(std::string_view name, std::string_view text) {
  if (const auto number = parse_wire_number(text); number && number->units >= 0) return *number;
  return tl::make_unexpected(found(name, "must be a number of 0 or more", text));
}

}  // namespace

bool looks_like_depth_archive(std::string_view front) {
  return front.starts_with(kHeader);
}

bool DepthArchiveDecoder::Message::is_same(const Message& other) const {
  const auto key = [](const Message& one) {
    return std::tie(one.last_update_id, one.first_update_id, one.ts_event, one.is_snapshot,
                    one.symbol);
  };
  return key(*this) == key(other);
}

DepthArchiveDecoder::DepthArchiveDecoder(std::optional<std::string> venue)
    : venue_{std::move(venue)} {
  if (!venue_ || find_feed_venue(*venue_) != nullptr) return;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("'{}' is no venue of these files; they are of binance-um and binance-cm",
                          *venue_)};
}

void DepthArchiveDecoder::add_side(std::span<const char> bytes) {
  add(snapshots_, bytes);
  finish(snapshots_);
  std::ranges::stable_sort(side_, {}, &Message::ts_event);
}

void DepthArchiveDecoder::decode(std::span<const char> bytes) {
  add(updates_, bytes);
}

void DepthArchiveDecoder::finish() {
  finish(updates_);
  take_snapshots_until(std::nullopt);
}

void DepthArchiveDecoder::add(File& file, std::span<const char> bytes) {
  file.pieces.add(
      {bytes.data(), bytes.size()}, [&](std::string_view lines) { take_lines(file, lines); },
      [&](std::string_view front) { take_overlong(file, front); });
}

void DepthArchiveDecoder::finish(File& file) {
  file.pieces.finish([&](std::string_view lines) { take_lines(file, lines); },
                     [&](std::string_view front) { take_overlong(file, front); });
  close(file);
}

void DepthArchiveDecoder::take_lines(File& file, std::string_view lines) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n') + 1);
    lines.remove_prefix(line.size());
    if (line.size() > kMaxLineBytes + 1) {
      take_overlong(file, line);
    } else {
      file.log.each_row(line, [&](std::string_view row) { return take_row(file, row); });
    }
  }
}

Field<void> DepthArchiveDecoder::take_row(File& file, std::string_view line) {
  if (file.log.lines() == 1 && line == kHeader) return {};
  Field<Message> row = read_row(line);
  if (!row) {
    lose_row(file);
    return tl::make_unexpected(std::move(row.error()));
  }
  add_row(file, *std::move(row));
  return {};
}

void DepthArchiveDecoder::take_overlong(File& file, std::string_view front) {
  file.log.next_overlong(front);
  lose_row(file);
}

// It was of the message before it or of the one behind: neither is whole then.
void DepthArchiveDecoder::lose_row(File& file) {
  file.open.reset();
  file.is_damaged = true;
  file.damaged.reset();
  if (&file == &snapshots_) return;
  for (const auto& [symbol, connection] : connections_)
    collected_.add({.outcome = CapturedMessage::Outcome::refused, .connection = connection});
}

void DepthArchiveDecoder::add_row(File& file, Message row) {
  if (file.is_damaged) {
    if (!file.damaged) file.damaged = row;
    if (file.damaged->is_same(row)) return;
    file.is_damaged = false;
  }
  if (file.open && !file.open->is_same(row)) close(file);
  if (!file.open) {
    file.open = std::move(row);
    return;
  }
  file.open->bids.insert(file.open->bids.end(), row.bids.begin(), row.bids.end());
  file.open->asks.insert(file.open->asks.end(), row.asks.begin(), row.asks.end());
}

Field<DepthArchiveDecoder::Message> DepthArchiveDecoder::read_row(std::string_view line) {
  std::array<std::string_view, kColumns> fields;
  const size_t columns = split_fields(line, fields);
  if (columns != kColumns) {
    return tl::make_unexpected(fmt::format("must have {} columns, found {}", kColumns, columns));
  }
  const auto& [symbol, time, first, last, side, type, price, quantity, previous] = fields;
  if (symbol.empty()) return tl::make_unexpected("symbol is missing");
  FileClock clock{std::nullopt};
  const auto ts_event = clock.read_epoch("timestamp", time);
  const auto first_id = read_whole("first_update_id", first);
  const auto last_id = read_whole("last_update_id", last);
  const auto at = read_number("price", price);
  const auto units = read_number("qty", quantity);
  for (const auto* const number : {&first_id, &last_id})
    if (!*number) return tl::make_unexpected(number->error());
  if (!ts_event) return tl::make_unexpected(ts_event.error());
  if (!at || at->units == 0) {
    return tl::make_unexpected(found("price", "must be a number above 0", price));
  }
  if (!units) return tl::make_unexpected(units.error());
  if (side != "b" && side != "a") return tl::make_unexpected(found("side", "must be b or a", side));
  if (type != "set" && type != "snap") {
    return tl::make_unexpected(found("update_type", "must be set or snap", type));
  }
  Message row{.symbol = std::string{symbol},
              .ts_event = *ts_event,
              .first_update_id = *first_id,
              .last_update_id = *last_id,
              .is_snapshot = type == "snap"};
  if (!row.is_snapshot) {
    const auto before = read_whole("pu", previous);
    if (!before) return tl::make_unexpected(before.error());
    row.previous = *before;
  }
  (side == "b" ? row.bids : row.asks).push_back({*at, *units});
  return row;
}

void DepthArchiveDecoder::close(File& file) {
  if (!file.open) return;
  const Message message = *std::exchange(file.open, std::nullopt);
  if (&file == &snapshots_) {
    side_.push_back(message);
    return;
  }
  take_snapshots_until(message.ts_event);
  emit(message);
}

void DepthArchiveDecoder::take_snapshots_until(std::optional<Timestamp> t) {
  while (!side_.empty() && (!t || side_.front().ts_event <= *t)) {
    emit(side_.front());
    side_.pop_front();
  }
}

void DepthArchiveDecoder::emit(const Message& message) {
  BookMessage book{.symbol = message.symbol,
                   .channel = kDepthArchiveChannel,
                   .ts_event = message.ts_event,
                   .sequence = message.last_update_id,
                   .bids = message.bids,
                   .asks = message.asks};
  if (message.is_snapshot) {
    book.kind = BookMessageKind::image;
  } else {
    book.sequence_begin = message.first_update_id;
    book.sequence_previous = message.previous;
  }
  message_.clear();
  message_.kind = MessageKind::data;
  message_.records.emplace_back(book);
  collected_.add({.connection = connection_of(message.symbol)}, message_);
}

uint32_t DepthArchiveDecoder::connection_of(const std::string& symbol) {
  const auto [place, is_new] =
      connections_.try_emplace(symbol, static_cast<uint32_t>(connections_.size()));
  if (is_new) {
    const FeedVenue* const venue =
        find_feed_venue(venue_ ? std::string_view{*venue_} : venue_of_symbol(symbol));
    TAPEDECK_CHECK(venue != nullptr, "a venue without a name for {}", symbol);
    collected_.add_connection(venue->venue);
  }
  return place->second;
}

std::vector<DecodeError> DepthArchiveDecoder::take_errors() {
  std::vector<DecodeError> errors = snapshots_.log.take_errors();
  for (DecodeError& error : updates_.log.take_errors())
    errors.push_back(std::move(error));
  return errors;
}

}  // namespace tapedeck
