// Messages of books as bytes: in frames of the journal, and where the store keeps one that waits.
#pragma once

#include "tape/bytes.hpp"
#include "tapedeck/market/book_message.hpp"

#include <optional>

namespace tapedeck {

void put_book_message(ByteWriter& out, const BookMessage& message,
                      std::optional<Timestamp> ts_recv);
// nullopt when a number is none that parse_wire_number() gives, or the bytes end before it.
std::optional<OwnedBookMessage> take_book_message(ByteReader& in);

// A number that parse_wire_number() gives.
bool is_wire_number(const WireNumber& number);

}  // namespace tapedeck
