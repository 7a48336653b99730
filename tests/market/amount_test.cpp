#include "tapedeck/market/amount.hpp"

#include "thrown.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

using test::check_refused;

Amount amount(std::string_view text) {
  return parse_amount(text).value();
}

TEST_CASE("an amount is what its text says, up to 10^26 and down to 10^-12") {
  CHECK(to_text(amount("0")) == "0");
  CHECK(to_text(amount("-61837.6300")) == "-61837.63");
  CHECK(to_text(amount("0.000000000001")) == "0.000000000001");
  const std::string most = "99999999999999999999999999.999999999999";
  CHECK(to_text(amount(most)) == most);
  CHECK(parse_amount("100000000000000000000000000").error() == DecimalError::out_of_range);
  CHECK(parse_amount("0.0000000000001").error() == DecimalError::too_precise);
  CHECK(parse_amount("1e5").error() == DecimalError::not_a_number);
  CHECK(Amount::of({.units = 15, .exponent = -1}) == amount("1.5"));
}

TEST_CASE("what leaves 38 digits is refused, not wrapped") {
  const Amount most = amount("99999999999999999999999999.999999999999");
  const Amount least = amount("0.000000000001");
  CHECK(most + -most == Amount{});
  check_refused(ErrorCode::out_of_range, {}, [&] { most + least; });
  check_refused(ErrorCode::out_of_range, {}, [&] { -most - least; });
  check_refused(ErrorCode::out_of_range, {}, [&] { most + most; });
  check_refused(ErrorCode::out_of_range, {}, [&] { notional(most, amount("1.000001")); });
  check_refused(ErrorCode::out_of_range, {}, [&] { quotient(most, least); });
  check_refused(ErrorCode::out_of_range, {},
                [&] { Amount::of({.units = int128{1} << 126, .exponent = 0}); });
}

TEST_CASE("a product is rounded half to even at the twelfth digit") {
  CHECK(notional(amount("150.50"), amount("100")) == amount("15050"));
  CHECK(notional(amount("0.000001"), amount("0.0000005")) == Amount{});  // half, to 0
  CHECK(notional(amount("0.000001"), amount("0.0000015")) == amount("0.000000000002"));
  CHECK(notional(amount("0.000001"), amount("0.0000025")) == amount("0.000000000002"));
  CHECK(notional(amount("-0.000001"), amount("0.0000015")) == -amount("0.000000000002"));
  CHECK(notional(amount("12345678901234.123456789012"), amount("1000000.000000000001")) ==
        amount("12345678901234123469.134690901234"));
}

TEST_CASE("a portion of all is all, however large") {
  const Amount whole = amount("99999999999999999999999999.999999999999");
  CHECK(portion(whole, whole, whole) == whole);
  CHECK(portion(whole, -whole, whole) == -whole);
  CHECK(portion(amount("10"), amount("1"), amount("3")) == amount("3.333333333333"));
  CHECK(portion(amount("20"), amount("1"), amount("3")) == amount("6.666666666667"));
  CHECK(quotient(amount("1"), amount("-8")) == amount("-0.125"));
}

// Against multiplication digit by digit, in base 10.
class LongNumber {
 public:
  static LongNumber product(std::string a, std::string b) {
    LongNumber result;
    result.digits_.assign(std::max<size_t>(a.size() + b.size(), 13), 0);
    for (size_t i = 0; i < a.size(); ++i) {
      for (size_t j = 0; j < b.size(); ++j)
        result.digits_[i + j] += (a[a.size() - 1 - i] - '0') * (b[b.size() - 1 - j] - '0');
    }
    for (size_t i = 0; i + 1 < result.digits_.size(); ++i) {
      result.digits_[i + 1] += result.digits_[i] / 10;
      result.digits_[i] %= 10;
    }
    return result;
  }
  // Without its last twelve digits, half to even.
  std::string rounded() const {
    int rest = 0;  // compared with half: −1, 0, 1
    for (size_t i = 0; i < 12; ++i) {
      const int digit = digits_[i];
      const int half = i == 11 ? 5 : 0;
      if (digit != half) rest = digit > half ? 1 : -1;
    }
    std::vector<int> kept{digits_.begin() + 12, digits_.end()};
    kept.push_back(0);
    if (rest > 0 || (rest == 0 && kept[0] % 2 == 1)) ++kept[0];
    std::string text;
    for (size_t i = 0; i + 1 < kept.size(); ++i) {
      kept[i + 1] += kept[i] / 10;
      text.insert(text.begin(), static_cast<char>('0' + kept[i] % 10));
    }
    text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
    return text;
  }

 private:
  std::vector<int> digits_;  // the last first
};

std::string units_text(Amount value) {
  std::string text;
  append_decimal(text, value.units(), 0);
  return text;
}

TEST_CASE("products equal those of arithmetic by hand, for numbers of any length") {
  std::mt19937_64 random{7};
  const auto any = [&] {
    const auto digits = std::uniform_int_distribution<size_t>{1, 25}(random);
    std::string text = "1";
    for (size_t i = 1; i < digits; ++i)
      text += static_cast<char>('0' + random() % 10);
    return text;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::string a = any();
    const std::string b = any();
    const Amount left = Amount::of_units(parse_decimal(a)->units);
    const Amount right = Amount::of_units(parse_decimal(b)->units);
    const std::string expected = LongNumber::product(a, b).rounded();
    CAPTURE(a);
    CAPTURE(b);
    if (expected.size() > 38) {
      check_refused(ErrorCode::out_of_range, {}, [&] { notional(left, right); });
    } else {
      CHECK(units_text(notional(left, right)) == expected);
    }
  }
}

}  // namespace
}  // namespace tapedeck
