// What the commands about books share: an instant, a clock, a stream, and the answer's own words.
#pragma once

#include "cli/answer.hpp"
#include "tapedeck/query/book.hpp"
#include "tapedeck/query/liquidity.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

// As typed.
struct BookOptions {
  std::string at;
  std::string clock = "event";
  std::string stream;
};
void add_stream_option(CLI::App& app, std::string& stream);
void add_clock_option(CLI::App& app, std::string& clock);
// --at, --clock, --stream.
void add_book_options(CLI::App& app, BookOptions& options);

BookClock clock_from(const std::string& word);
// Without the instrument. Error{invalid_argument} names the option.
BookRequest book_request(const BookOptions& options);

// The end of the newest book of an instrument; nullopt when there is none.
std::optional<Timestamp> newest_book(const Store& store, const Instrument& instrument);

// As every answer says what it was made of, and what is missing in it.
TapeAnswer to_tape_answer(const LiquidityAnswer& answer);

}  // namespace tapedeck
