#include "market/wide_sum.hpp"
#include "tapedeck/base/error.hpp"
#include "tapedeck/market/footprint.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace tapedeck {
namespace {

// ceil(total × percent / 100) without leaving 128 bits.
Volume share_of(Volume total, int percent) {
  return total / 100 * percent + (total % 100 * percent + 99) / 100;
}

uint64_t distance(Price a, Price b) {
  const auto low = static_cast<uint64_t>(std::min(a, b).raw());
  return static_cast<uint64_t>(std::max(a, b).raw()) - low;
}

// [begin, end) of the levels grows from the point of control until it holds `wanted`.
class ValueArea {
 public:
  ValueArea(VolumeProfile& profile, Volume wanted)
      : profile_{profile}, wanted_{wanted}, held_{profile.levels[profile.poc].quantity()} {
    profile.value_area_begin = profile.poc;
    profile.value_area_end = profile.poc + 1;
  }

  void grow(ValueAreaRule rule) {
    const size_t most = rule == ValueAreaRule::pairs ? 2 : 1;
    size_t& begin = profile_.value_area_begin;
    size_t& end = profile_.value_area_end;
    while (held_ < wanted_) {
      const size_t below = std::min(most, begin);
      const size_t above = std::min(most, profile_.levels.size() - end);
      const Volume volume_below = volume(begin - below, begin);
      const Volume volume_above = volume(end, end + above);
      const bool takes_above =
          below == 0 || (above > 0 && (volume_above > volume_below ||
                                       (volume_above == volume_below && tie_is_above(rule))));
      if (takes_above) {
        end += above;
        held_ += volume_above;
      } else {
        begin -= below;
        held_ += volume_below;
      }
    }
  }

 private:
  Volume volume(size_t from, size_t to) const {
    Volume sum = 0;
    for (size_t index = from; index < to; ++index)
      sum += profile_.levels[index].quantity();
    return sum;
  }

  // Asked only where a level exists on both sides.
  bool tie_is_above(ValueAreaRule rule) const {
    if (rule == ValueAreaRule::pairs) return true;
    const Price poc = profile_.levels[profile_.poc].price;
    return distance(profile_.levels[profile_.value_area_end].price, poc) <
           distance(profile_.levels[profile_.value_area_begin - 1].price, poc);
  }

  VolumeProfile& profile_;
  Volume wanted_;
  Volume held_;
};

}  // namespace

std::string_view to_text(ValueAreaRule rule) {
  switch (rule) {
    case ValueAreaRule::single: return "single";
    case ValueAreaRule::pairs: return "pairs";
  }
  return "single";
}

VolumeProfile make_profile(std::vector<Level> levels, ValueAreaRule rule, int share_percent) {
  if (share_percent < 1 || share_percent > 100) {
    throw Error{
        ErrorCode::invalid_argument,
        "value area share is " + std::to_string(share_percent) + " %; it must be 1 to 100 %"};
  }
  VolumeProfile profile;
  profile.levels = std::move(levels);
  if (profile.levels.empty()) return profile;
  Volume total = 0;
  Volume most = profile.levels[0].quantity();
  for (size_t index = 0; index < profile.levels.size(); ++index) {
    const Volume quantity = profile.levels[index].quantity();
    add_exact(total, quantity);
    if (quantity > most) {
      most = quantity;
      profile.poc = index;
    }
  }
  ValueArea{profile, share_of(total, share_percent)}.grow(rule);
  return profile;
}

}  // namespace tapedeck
