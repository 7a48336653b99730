// With MIXES_UNITS this must not compile: a price and a quantity are different things.
#include "tapedeck/market/decimal.hpp"

int main() {
  const tapedeck::Price price{1};
  const tapedeck::Qty quantity{1};
#ifdef MIXES_UNITS
  return static_cast<int>((price + quantity).raw());
#else
  return static_cast<int>(price.raw() + quantity.raw()) - 2;
#endif
}
