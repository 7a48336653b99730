// A decoder of messages in a test, and the frames of recordings that are not part of the project.
#pragma once

#include "feed/message_decoder.hpp"
#include "feed/shared_data.hpp"
#include "feed/zip.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tapedeck::test {

class TestDecoder {
 public:
  explicit TestDecoder(std::unique_ptr<MessageDecoder> decoder) : decoder_{std::move(decoder)} {}

  // Checks that the frame is accepted. Valid until the next call.
  const DecodedMessage& decode(std::string_view frame) {
    const Field<void> done = decoder_->decode(padded(frame), message_);
    CHECK_MESSAGE(done.has_value(), (done ? std::string{} : done.error()), " in ", text_.text);
    return message_;
  }
  // Why the frame is refused; empty when it is accepted.
  std::string refusal(std::string_view frame) {
    const Field<void> done = decoder_->decode(padded(frame), message_);
    if (!done) CHECK(message_.records.empty());
    return done ? std::string{} : done.error();
  }
  // The same as decode() for the body of a REST answer.
  const DecodedMessage& answer(std::string_view url, std::string_view body) {
    const Field<void> done = decoder_->decode_answer(url, padded(body), message_);
    CHECK_MESSAGE(done.has_value(), (done ? std::string{} : done.error()), " of ", url);
    return message_;
  }

 private:
  // What stands in the padding must not matter: digits would make a last number longer.
  PaddedText padded(std::string_view text) {
    buffer_.assign(text);
    buffer_.append(kMessagePadding, '9');
    text_ = {.text = std::string_view{buffer_}.substr(0, text.size()), .capacity = buffer_.size()};
    return text_;
  }

  std::unique_ptr<MessageDecoder> decoder_;
  DecodedMessage message_;
  std::string buffer_;
  PaddedText text_;
};

// The records of one kind, in order. They borrow as those of the message do.
template <typename Record>
std::vector<Record> records_of(const DecodedMessage& message) {
  std::vector<Record> records;
  for (const FeedRecord& record : message.records) {
    if (const auto* found = std::get_if<Record>(&record)) records.push_back(*found);
  }
  return records;
}

// A file of the shared data, decompressed; `relative` is like "ws_okx/okx_v5_20220513.ws.gz". Empty
// when it is not there.
inline std::string recorded_text(std::string_view relative) {
  const std::vector<std::byte> bytes = shared_file(relative);
  if (bytes.empty()) return {};
  const auto stream = relative.ends_with(".gz") ? open_gzip(bytes) : open_plain(bytes);
  std::string text;
  std::vector<char> piece(1 << 20);
  while (const size_t count = stream->read(piece))
    text.append(piece.data(), count);
  return text;
}

// The text of a JSON string that stands behind `begin`; recordings escape nothing but these.
inline std::string unescaped(std::string_view line, size_t begin) {
  std::string text;
  for (size_t at = begin; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] == '\\') ++at;
    text += line.at(at);
  }
  return text;
}

// Frames received, of a recording in one of the layouts `SECONDS: FRAME`, `NANOSECONDS FRAME`,
// `{"t":"recv",…,"data":"FRAME as a JSON string"}`, or FRAME alone. False when there is no file.
template <typename Take>
bool for_each_frame(std::string_view relative, Take take) {
  const std::string text = recorded_text(relative);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view{text}.substr(begin, end - begin);
    begin = end + 1;
    constexpr std::string_view kData = "\"data\":\"";
    if (line.starts_with("{\"t\":\"")) {
      if (!line.starts_with("{\"t\":\"recv\"")) continue;
      const size_t at = line.find(kData);
      if (at != std::string_view::npos) take(std::string_view{unescaped(line, at + kData.size())});
    } else if (line.starts_with('{') || line.starts_with('[')) {
      take(line);
    } else if (!line.empty() && line.front() >= '0' && line.front() <= '9') {
      take(line.substr(std::min(line.find(' '), line.size() - 1) + 1));
    }
  }
  return !text.empty();
}

}  // namespace tapedeck::test
