#include "tapedeck/market/fill.hpp"

#include "market/words.hpp"

namespace tapedeck {
namespace {

constexpr std::array<Word<Liquidity>, 2> kLiquidities{
    {{"maker", Liquidity::maker}, {"taker", Liquidity::taker}}};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view without_zeros(std::string_view digits) {
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
}

// Numbers before other texts, so that the order is one whatever the venue sends.
std::weak_ordering compare_ids(std::string_view a, std::string_view b) {
  if (is_number(a) != is_number(b)) {
    return is_number(a) ? std::weak_ordering::less : std::weak_ordering::greater;
  }
  if (!is_number(a)) return a <=> b;
  const std::string_view left = without_zeros(a);
  const std::string_view right = without_zeros(b);
  if (left.size() != right.size()) return left.size() <=> right.size();
  return left != right ? left <=> right : a <=> b;
}

}  // namespace

std::string_view to_text(Liquidity liquidity) {
  return word_of(kLiquidities, liquidity);
}

std::optional<Liquidity> parse_liquidity(std::string_view word) {
  return find_by_word(kLiquidities, word);
}

std::weak_ordering compare_in_time(const Fill& a, const Fill& b) {
  if (a.executed_at != b.executed_at) return a.executed_at <=> b.executed_at;
  const auto& left = a.exchange_trade_id;
  const auto& right = b.exchange_trade_id;
  if (!left || !right) return left.has_value() <=> right.has_value();
  return compare_ids(*left, *right);
}

Amount notional(const Fill& fill) {
  return notional(fill.price, fill.quantity);
}

bool has_fees_in_price_currency(const Fill& fill) {
  if (!fill.fee_currency) return true;
  if (fill.currency) return *fill.fee_currency == *fill.currency;
  return fill.instrument.symbol.ends_with(*fill.fee_currency);
}

Amount costs(const Fill& fill) {
  return has_fees_in_price_currency(fill) ? fill.commission + fill.fees : Amount{};
}

void add_foreign_fees(std::vector<ForeignFees>& fees, const Fill& fill) {
  const Amount paid = fill.commission + fill.fees;
  if (has_fees_in_price_currency(fill) || paid == Amount{}) return;
  const auto at = std::ranges::lower_bound(fees, *fill.fee_currency, {}, &ForeignFees::currency);
  if (at != fees.end() && at->currency == *fill.fee_currency) {
    at->paid += paid;
  } else {
    fees.insert(at, {.currency = *fill.fee_currency, .paid = paid});
  }
}

Amount cash_change(const Fill& fill) {
  const Amount moved = notional(fill);
  return (fill.side == OrderSide::buy ? -moved : moved) - costs(fill);
}

}  // namespace tapedeck
