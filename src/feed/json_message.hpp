// What the venues' decoders share: a message read once, in order, with simdjson; scalars kept as
// the text that they are; levels in a pool that is used again. Only decoders include this.
#pragma once

#include "feed/message_decoder.hpp"

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tapedeck {

namespace ondemand = simdjson::ondemand;

// Why a message is refused; ends at decode().
class BadMessage : public std::exception {
 public:
  explicit BadMessage(std::string reason) : reason_{std::move(reason)} {}
  const char* what() const noexcept override { return reason_.c_str(); }

 private:
  std::string reason_;
};

// A string's text without its quotes, or a number, true, false or null as it stands.
std::string_view scalar_text(ondemand::value& value);

// Readers of scalars; `name` is for the reason. They throw BadMessage.
WireNumber wire_number(std::string_view name, std::string_view text);
WireNumber wire_price(std::string_view name, std::string_view text);     // above 0
WireNumber wire_quantity(std::string_view name, std::string_view text);  // 0 or more
int64_t whole_number(std::string_view name, std::string_view text);      // may be negative
// Any sign; digits behind the twelfth are rounded half to even: rates are computed, not traded.
WireNumber wire_rate(std::string_view name, std::string_view text);
Timestamp time_of_milliseconds(std::string_view name, std::string_view text);
Timestamp time_of_seconds(std::string_view name, std::string_view text);  // `1618678142.557535`
Timestamp time_of_text(std::string_view name, std::string_view text);     // ISO 8601

// The scalars of one object, by name.
class Members {
 public:
  void clear() { used_ = 0; }
  void add(std::string_view name, std::string_view text) {
    if (used_ == members_.size()) members_.resize(2 * used_ + 16);
    members_[used_++] = {name, text};
  }

  std::optional<std::string_view> find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }
  // Throw BadMessage when there is none.
  std::string_view text(std::string_view name) const;
  WireNumber number(std::string_view name) const { return wire_number(name, text(name)); }
  WireNumber price(std::string_view name) const { return wire_price(name, text(name)); }
  WireNumber quantity(std::string_view name) const { return wire_quantity(name, text(name)); }
  int64_t whole(std::string_view name) const { return whole_number(name, text(name)); }
  bool boolean(std::string_view name) const;
  Timestamp milliseconds(std::string_view name) const {
    return time_of_milliseconds(name, text(name));
  }
  // As klines have them: up to 26 digits before the point.
  Decimal decimal(std::string_view name) const;
  // Absent, null and empty are none.
  std::optional<WireNumber> find_number(std::string_view name) const;
  std::optional<int64_t> find_whole(std::string_view name) const;
  std::optional<Timestamp> find_milliseconds(std::string_view name) const;
  std::optional<Decimal> find_decimal(std::string_view name) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>>
      members_;  // of them used_ mean something
  size_t used_ = 0;
};

// What a member is; BadMessage when it is something else.
ondemand::array array_of(std::string_view name, ondemand::value& value);
ondemand::object object_of(std::string_view name, ondemand::value& value);
// Adds the member when it is a scalar.
void take_scalar(std::string_view key, ondemand::value& value, Members& members);
// The scalars of an object, in the place of what `members` held.
void read_members(ondemand::object object, Members& members);

// Lists of levels that live until the next message.
class LevelPool {
 public:
  void clear() { used_ = 0; }
  std::vector<WireLevel>& next() {
    if (used_ == lists_.size()) lists_.emplace_back();
    lists_[used_].clear();
    return lists_[used_++];
  }

 private:
  std::deque<std::vector<WireLevel>> lists_;  // that do not move
  size_t used_ = 0;
};

// [["61737.63","0.5"],…]; what follows the first two in a level is passed over.
std::span<const WireLevel> read_levels(ondemand::array levels, LevelPool& pool);

// Carries out decode(): parses, clears, and turns what is thrown into a reason.
class JsonDecoder : public MessageDecoder {
 public:
  Field<void> decode(PaddedText text, DecodedMessage& message) final;
  Field<void> decode_answer(std::string_view url, PaddedText text, DecodedMessage& message) final;

 protected:
  // May throw BadMessage and simdjson_error.
  virtual void read(ondemand::document& document, DecodedMessage& message) = 0;
  virtual void read_answer(std::string_view url, ondemand::document& document,
                           DecodedMessage& message) = 0;
  // Texts that are not in the message itself, until the next one.
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  LevelPool& levels() { return levels_; }

 private:
  template <typename Read>
  Field<void> run(PaddedText text, DecodedMessage& message, Read read);

  ondemand::parser parser_;
  LevelPool levels_;
  std::deque<std::string> texts_;
};

}  // namespace tapedeck
