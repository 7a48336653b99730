// OpenBook: a stream of book messages on its way into the store: the builder, and the load that
// listens to it.
#pragma once

#include "store/book_load.hpp"
#include "tapedeck/book/book_builder.hpp"
#include "tapedeck/market/instrument.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace tapedeck {

struct OpenBook {
  BookLoad load;
  BookBuilder builder;

  OpenBook(const BookStream& stream, const BookRules& rules, std::optional<BookStretch> resumed,
           const BookPast& past = {})
      : load{stream, std::move(resumed), past}, builder{rules, load, stream.scale} {}
};

// Finds or makes the stream of the channel. Where its rules can show that nothing is between what
// is stored and `first`, the book goes on from there.
std::unique_ptr<OpenBook> open_book(duck::Transaction& transaction, const Instrument& instrument,
                                    std::string_view channel, const BookMessage& first);

// The rules of the stream's channel at its venue, with the depth that its snapshots showed.
BookRules rules_of(const BookStream& stream, std::string_view venue);

}  // namespace tapedeck
