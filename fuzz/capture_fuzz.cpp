// Captures: no bytes crash the decoder, pieces of any length give what the whole gives, and batches
// are whole in themselves.
#include "feed/capture_decoder.hpp"
#include "message_input.hpp"
#include "tapedeck/base/error.hpp"

#include <vector>

namespace tapedeck {
namespace {

// The first byte: the venue where nothing tells it; the second: bytes in a piece.
struct Options {
  std::optional<std::string> fallback;
  bool has_side;
  size_t piece;

  explicit Options(FuzzInput& input) {
    const unsigned first = input.option();
    const auto venues = feed_venues();
    const size_t venue = first % 16;
    if (venue < venues.size()) fallback = std::string{venues[venue].venue};
    has_side = first >= 128;
    piece = std::max(1U, input.option());
  }
};

class Decoded {
 public:
  // Everything that comes of the text, or the error that it ends with. What stands in front of the
  // first empty line may be a capture of answers beside it.
  std::string run(std::string_view text, const Options& options, size_t piece) {
    CaptureDecoder decoder{options.fallback};
    try {
      if (options.has_side) {
        const size_t end = std::min(text.find("\n\n"), text.size());
        decoder.add_side(text.substr(0, end));
        text.remove_prefix(end);
      }
      for (size_t begin = 0; begin < text.size(); begin += piece) {
        decoder.decode(text.substr(begin, piece));
        // Of small batches all must be said as of one.
        if (piece != text.size()) take(decoder);
      }
      decoder.finish();
    } catch (const Error& error) {
      return error.what();
    }
    take(decoder);
    TAPEDECK_CHECK(!decoder.take_batch(true), "a batch is left");
    for (const CaptureBatch& batch : batches_)
      say(batch);
    for (const DecodeError& error : decoder.take_errors()) {
      TAPEDECK_CHECK(!error.reason.empty() && error.text.size() <= kKeptErrorText, "line {}",
                     error.line);
      out_ += fmt::format("\n{}: {} | {}", error.line, error.reason, error.text);
    }
    return out_ + fmt::format("\n{} lines, {} refused, {} unknown", decoder.lines(),
                              decoder.refused(), decoder.unknown());
  }

 private:
  void take(CaptureDecoder& decoder) {
    while (std::optional<CaptureBatch> batch = decoder.take_batch(true))
      batches_.push_back(std::move(*batch));
  }

  void say(const CaptureBatch& batch) {
    using enum CapturedMessage::Outcome;
    uint32_t records = 0;
    for (const CapturedMessage& message : batch.messages) {
      TAPEDECK_CHECK(message.connection < batch.venues.size(), "connection {}", message.connection);
      TAPEDECK_CHECK(message.records == 0 || message.first_record == records, "first record {}",
                     message.first_record);
      TAPEDECK_CHECK(message.outcome == decoded || message.records == 0, "{} records",
                     message.records);
      // A line that is refused is of any connection, of one whose venue is not known yet too.
      const std::string_view venue = batch.venues[message.connection];
      TAPEDECK_CHECK(!venue.empty() || message.outcome == refused, "no venue");
      out_ += fmt::format("\n#{} {} {} {}", message.connection, static_cast<int>(message.outcome),
                          message.ts_recv ? to_epoch_ns(*message.ts_recv) : -1,
                          message.connection_sequence.value_or(-1));
      RecordText text;
      for (uint32_t i = 0; i < message.records; ++i)
        text.add(batch.records.at(records++));
      out_ += text.take();
    }
    TAPEDECK_CHECK(records == batch.records.size(), "{} of {} records", records,
                   batch.records.size());
  }

  std::vector<CaptureBatch> batches_;
  std::string out_;
};

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const Options options{input};
  const std::string_view text = input.text();
  looks_like_capture(text);
  const std::string whole = Decoded{}.run(text, options, std::max(text.size(), size_t{1}));
  const std::string pieces = Decoded{}.run(text, options, options.piece);
  TAPEDECK_CHECK(whole == pieces, "whole: {}\nin pieces of {}: {}", whole, options.piece, pieces);
  return 0;
}
