#include "base/check.hpp"
#include "feed/csv.hpp"
#include "feed/fill_values.hpp"
#include "feed/report_decoder.hpp"
#include "market/words.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr int64_t kHeaderLines = 20;  // that the header must be among

constexpr std::array<Word<OrderSide>, 8> kSides{{{"buy", OrderSide::buy},
                                                 {"b", OrderSide::buy},
                                                 {"bot", OrderSide::buy},
                                                 {"bought", OrderSide::buy},
                                                 {"sell", OrderSide::sell},
                                                 {"s", OrderSide::sell},
                                                 {"sld", OrderSide::sell},
                                                 {"sold", OrderSide::sell}}};

// The one that the line has most of.
char delimiter_of(std::string_view line) {
  char best = ',';
  for (const char candidate : {',', ';', '\t', '|'}) {
    if (std::ranges::count(line, candidate) > std::ranges::count(line, best)) best = candidate;
  }
  return best;
}

bool is_same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, to_lower_ascii, to_lower_ascii);
}

// A refused row, on its way to where the line is.
tl::unexpected<std::string> refused(std::string reason) {
  return tl::make_unexpected(std::move(reason));
}

class FillCsv final : public ReportDecoder {
 public:
  explicit FillCsv(FillFormat format) : format_{std::move(format)} {
    TAPEDECK_CHECK(format_.venue.has_value(), "a format of fills without a venue");
    if (!format_.columns.empty()) find_columns({format_.columns.begin(), format_.columns.end()});
  }

  void decode(std::span<const char> bytes) override {
    pieces_.add(
        {bytes.data(), bytes.size()}, [this](std::string_view lines) { take_lines(lines); },
        [this](std::string_view front) { take_overlong(front); });
  }

  void finish() override {
    pieces_.finish([this](std::string_view lines) { take_lines(lines); },
                   [this](std::string_view front) { take_overlong(front); });
    if (!has_columns_ && line_ > 0) fail_header();
  }

  std::vector<DecodeError> take_errors() override { return std::exchange(errors_, {}); }

 private:
  // Blank lines part titles, rows and notes.
  void take_lines(std::string_view lines) {
    while (!lines.empty()) {
      const size_t end = lines.find('\n');
      std::string_view line = lines.substr(0, end);
      lines.remove_prefix(end + 1);
      if (line.size() > kMaxLineBytes) {
        take_overlong(line);
        continue;
      }
      ++line_;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.empty()) continue;
      if (auto taken = take_line(line); !taken) refuse(std::move(taken.error()), line);
    }
  }

  void take_overlong(std::string_view front) {
    ++line_;
    refuse(fmt::format("line has more than {} bytes", kMaxLineBytes), front);
  }

  void refuse(std::string reason, std::string_view line) {
    errors_.push_back({.line = line_,
                       .reason = std::move(reason),
                       .text = std::string{line.substr(0, kMaxTextBytes)}});
  }

  Field<void> take_line(std::string_view line) {
    if (line_ == 1 && line.starts_with(kByteOrderMark)) {
      line.remove_prefix(kByteOrderMark.size());
    }
    if (!has_columns_) {
      delimiter_ = format_.delimiter.value_or(delimiter_of(line));
      split_fields(line, delimiter_, values_);
      if (first_line_.empty()) first_line_ = line;
      if (!find_columns(values_) && line_ >= kHeaderLines) fail_header();
      return {};
    }
    if (!format_.delimiter && line_ == 1) delimiter_ = delimiter_of(line);
    split_fields(line, delimiter_, values_);
    auto side = read_side();
    if (!side) return refused(std::move(side.error()));
    if (!*side && !format_.signed_quantity) {
      skip();
      return {};
    }
    if (values_.size() != columns_count_) {
      return refused(fmt::format("must have {} columns, found {}", columns_count_, values_.size()));
    }
    auto report = read_report(*side);
    if (!report) return refused(std::move(report.error()));
    add(line_, line, std::move(*report));
    return {};
  }

  // False when one that must be there is not.
  bool find_columns(const std::vector<std::string_view>& names) {
    for (size_t at = 0; at < kFillFields; ++at) {
      const auto field = static_cast<FillField>(at);
      columns_[at].clear();
      const auto named = format_.fields.find(field);
      const std::vector<std::string> wanted =
          named != format_.fields.end() ? named->second : std::vector{std::string{to_text(field)}};
      for (const std::string& name : wanted) {
        const auto column =
            std::ranges::find_if(names, [&](std::string_view one) { return is_same(one, name); });
        if (column != names.end()) {
          columns_[at].push_back(static_cast<size_t>(column - names.begin()));
        } else if (named != format_.fields.end() || is_needed(field)) {
          return false;
        }
      }
    }
    columns_count_ = names.size();
    return has_columns_ = true;
  }

  bool is_needed(FillField field) const {
    if (format_.constants.contains(field)) return false;
    if (field == FillField::side) return !format_.signed_quantity;
    return field == FillField::time || field == FillField::symbol || field == FillField::quantity ||
           field == FillField::price;
  }

  [[noreturn]] void fail_header() const {
    std::vector<std::string> wanted;
    for (size_t at = 0; at < kFillFields; ++at) {
      const auto field = static_cast<FillField>(at);
      const auto named = format_.fields.find(field);
      if (named != format_.fields.end()) {
        wanted.insert(wanted.end(), named->second.begin(), named->second.end());
      } else if (is_needed(field)) {
        wanted.emplace_back(to_text(field));
      }
    }
    throw Error{ErrorCode::bad_input,
                fmt::format("none of its first lines has all of the columns '{}'; it begins with "
                            "'{}'; name the columns in a mapping file",
                            fmt::join(wanted, "', '"), first_line_.substr(0, 80))};
  }

  std::string_view value_of(size_t column) const {
    return column < values_.size() ? values_[column] : std::string_view{};
  }

  // The one value of the field's columns; empty where none has one.
  Field<std::string_view> text_of(FillField field) const {
    std::string_view text;
    for (const size_t column : columns_[static_cast<size_t>(field)]) {
      const std::string_view value = value_of(column);
      if (value.empty() || value == text) continue;
      if (!text.empty()) {
        return refused(fmt::format("{} is said twice: '{}' and '{}'", to_text(field), text, value));
      }
      text = value;
    }
    if (!text.empty()) return text;
    const auto constant = format_.constants.find(field);
    return constant != format_.constants.end() ? std::string_view{constant->second} : text;
  }

  Field<std::optional<std::string>> find_text(FillField field) const {
    auto text = text_of(field);
    if (!text) return refused(std::move(text.error()));
    if (text->empty()) return std::optional<std::string>{};
    return std::optional{std::string{*text}};
  }

  // nullopt for a row that is no fill, and where the quantity tells.
  Field<std::optional<OrderSide>> read_side() const {
    if (format_.signed_quantity) return std::optional<OrderSide>{};
    const auto word = text_of(FillField::side);
    if (!word) return refused(word.error());
    if (!format_.sides.empty()) {
      const auto side = format_.sides.find(std::string{*word});
      return side != format_.sides.end() ? std::optional{side->second} : std::nullopt;
    }
    if (const auto side = find_by_word(kSides, *word)) return side;
    return refused(found("side", "must be buy or sell", *word));
  }

  Field<ExecutionReport> read_report(std::optional<OrderSide> side) const {
    ExecutionReport report;
    const auto symbol = text_of(FillField::symbol);
    if (!symbol) return refused(symbol.error());
    report.instrument = {.venue = *format_.venue, .symbol = std::string{*symbol}};
    auto time = read_time();
    if (!time) return refused(std::move(time.error()));
    report.at = *time;
    ReportedFill fill;
    const auto quantity = read_quantity(side, *symbol);
    if (!quantity) return refused(quantity.error());
    report.side = side.value_or(*quantity < Amount{} ? OrderSide::sell : OrderSide::buy);
    fill.quantity = magnitude(*quantity);
    const auto price = read_number(FillField::price, *symbol);
    if (!price) return refused(price.error());
    if (*price <= Amount{}) {
      return refused(found("price", "must be above 0", text_of(FillField::price).value()));
    }
    fill.price = *price;
    if (auto taken = read_costs(fill, *symbol); !taken) return refused(std::move(taken.error()));
    if (auto taken = read_words(report, fill); !taken) return refused(std::move(taken.error()));
    report.fill = std::move(fill);
    return report;
  }

  Field<Timestamp> read_time() const {
    const auto text = text_of(FillField::time);
    if (!text) return refused(text.error());
    return read_day_time("time", *text, format_.dates);
  }

  Field<Amount> read_number(FillField field, std::string_view symbol) const {
    const auto text = text_of(field);
    if (!text) return refused(text.error());
    const std::string_view number = format_.units ? split_unit(*text, symbol).number : *text;
    return read_plain_amount(to_text(field), number);
  }

  Field<Amount> read_quantity(std::optional<OrderSide> side, std::string_view symbol) const {
    auto quantity = read_number(FillField::quantity, symbol);
    if (!quantity) return quantity;
    const std::string_view text = text_of(FillField::quantity).value();
    if (*quantity == Amount{}) return refused(found("quantity", "must not be 0", text));
    if (side == OrderSide::buy && *quantity < Amount{}) {
      return refused(found("quantity", "of what was bought must not be negative", text));
    }
    return quantity;
  }

  Field<void> read_costs(ReportedFill& fill, std::string_view symbol) const {
    for (const FillField field : {FillField::commission, FillField::fees}) {
      const auto text = text_of(field);
      if (!text) return refused(text.error());
      if (text->empty()) continue;
      const auto amount = read_number(field, symbol);
      if (!amount) return refused(amount.error());
      (field == FillField::fees ? fill.fees : fill.commission) =
          format_.negative_costs ? -*amount : *amount;
      const std::string_view unit = format_.units ? split_unit(*text, symbol).unit : "";
      if (!unit.empty()) fill.fee_currency = std::string{unit};
    }
    return {};
  }

  Field<void> read_words(ExecutionReport& report, ReportedFill& fill) const {
    const auto take = [&](FillField field, std::optional<std::string>& word) -> Field<void> {
      auto text = find_text(field);
      if (!text) return refused(std::move(text.error()));
      if (*text) word = std::move(*text);
      return {};
    };
    std::optional<std::string> liquidity;
    for (auto [field, word] : {std::pair{FillField::fee_currency, &fill.fee_currency},
                               std::pair{FillField::currency, &fill.currency},
                               std::pair{FillField::trade_id, &fill.exchange_trade_id},
                               std::pair{FillField::order_id, &report.venue_order_id},
                               std::pair{FillField::strategy, &report.strategy_id},
                               std::pair{FillField::liquidity, &liquidity}}) {
      if (auto taken = take(field, *word); !taken) return taken;
    }
    if (!liquidity) return {};
    fill.liquidity = parse_liquidity(*liquidity);
    if (!fill.liquidity) return refused(found("liquidity", "must be maker or taker", *liquidity));
    return {};
  }

  // Constant after construction
  FillFormat format_;

  LinePieces pieces_;
  std::vector<DecodeError> errors_;
  int64_t line_ = 0;
  char delimiter_ = ',';
  std::string first_line_;
  bool has_columns_ = false;
  size_t columns_count_ = 0;
  std::array<std::vector<size_t>, kFillFields> columns_;  // by field
  std::vector<std::string_view> values_;                  // of the line
};

}  // namespace

std::unique_ptr<ReportDecoder> make_fill_csv(FillFormat format) {
  return std::make_unique<FillCsv>(std::move(format));
}

}  // namespace tapedeck
