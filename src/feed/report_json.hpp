// What decoders of execution reports in JSON share. Only they include this.
#pragma once

#include "feed/json_message.hpp"
#include "feed/json_objects.hpp"
#include "feed/report_decoder.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// Readers of members; `name` is also for the reason. They throw BadMessage. Absent, null and empty
// are none.
std::optional<std::string> find_text(const Members& members, std::string_view name);
Amount amount_of(const Members& members, std::string_view name);
std::optional<Amount> find_amount(const Members& members, std::string_view name);
Amount amount_above_0(const Members& members, std::string_view name);
// None where it is 0.
std::optional<Amount> find_price(const Members& members, std::string_view name);
OrderSide side_of(const Members& members, std::string_view name);
// Sets type and prices: the type is what the prices say, unless the venue's word is `market`.
void set_type(ExecutionReport& report, std::string_view word, std::optional<Amount> price,
              std::optional<Amount> stop_price);

class JsonReports : public ReportDecoder {
 public:
  void decode(std::span<const char> bytes) final;
  void finish() final;
  std::vector<DecodeError> take_errors() final { return std::exchange(errors_, {}); }

 protected:
  // nullopt for what tells of something else. May throw BadMessage and simdjson_error.
  virtual std::optional<ExecutionReport> read(ondemand::object object) = 0;

 private:
  void read_pieces();
  void refuse(const JsonObjects::Piece& piece, std::string reason);

  JsonObjects objects_;
  ondemand::parser parser_;
  std::vector<DecodeError> errors_;
};

}  // namespace tapedeck
