// Which stream of an instrument a question about its book is answered from.
#pragma once

#include "store/book_streams.hpp"
#include "tapedeck/query/book.hpp"

#include <string>
#include <vector>

namespace tapedeck {

// Checksum before sequence before none, then the deeper one.
std::vector<BookStream> best_first(std::vector<BookStream> streams);

// All of the instrument, best first; with a channel that one. Error{not_found} when there is none.
std::vector<BookStream> chosen_streams(duck::Connection& connection, const Instrument& instrument,
                                       const std::string& channel);

std::vector<std::string> channels_of(const std::vector<BookStream>& streams);

BookStreamInfo info_of(const BookStream& stream, const std::vector<BookStretch>& stretches);

}  // namespace tapedeck
