#include "cli/book_options.hpp"

#include "cli/selection.hpp"

#include <fmt/format.h>

#include <array>

namespace tapedeck {
namespace {

constexpr std::array<std::string_view, 2> kClocks{"event", "recv"};

}  // namespace

void add_stream_option(CLI::App& app, std::string& stream) {
  app.add_option("--stream", stream, "the stream to answer from; else the best verified one")
      ->type_name("CHANNEL");
}

void add_clock_option(CLI::App& app, std::string& clock) {
  app.add_option("--clock", clock, "event: the venue's time; recv: ours, when the message came")
      ->capture_default_str()
      ->type_name("CLOCK");
}

void add_book_options(CLI::App& app, BookOptions& options) {
  app.add_option("--at", options.at, "the instant; else the end of what is stored")->type_name("T");
  add_clock_option(app, options.clock);
  add_stream_option(app, options.stream);
}

BookClock clock_from(const std::string& word) {
  return static_cast<BookClock>(index_of_word("--clock", word, kClocks));
}

BookRequest book_request(const BookOptions& options) {
  BookRequest request;
  request.clock = clock_from(options.clock);
  request.stream = options.stream;
  if (options.at.empty()) return request;
  request.at = parse_timestamp(options.at);
  if (request.at) return request;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("--at: '{}' is no instant; e.g. 2024-08-08T23:55 or nanoseconds since "
                          "1970",
                          options.at)};
}

std::optional<Timestamp> newest_book(const Store& store, const Instrument& instrument) {
  std::optional<Timestamp> newest;
  for (const BookStreamInfo& stream : list_book_streams(store, instrument)) {
    if (!stream.range) continue;
    const Timestamp last = stream.range->end - std::chrono::nanoseconds{1};
    if (!newest || last > *newest) newest = last;
  }
  return newest;
}

TapeAnswer to_tape_answer(const LiquidityAnswer& answer) {
  return {.scale = answer.scale,
          .grains = {},
          .given = fmt::format("book:{}", answer.stream.channel),
          .coverage = answer.coverage,
          .rows = answer.updates};
}

}  // namespace tapedeck
