#include "feed/inflate.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

// isa-l counts input and output in 32 bits.
constexpr size_t kMaxStep = size_t{1} << 30;

constexpr uint64_t kBombFloor = uint64_t{16} << 20;
constexpr uint64_t kBombRatio = 200;

}  // namespace

// isal_inflate_init() prepares `state`; its 88 KiB of buffers are not cleared before, as a gzip
// file may have many small members. NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
struct Inflater::Impl {
  std::span<const std::byte> compressed;
  size_t fed = 0;  // bytes of `compressed` isa-l has been shown
  bool finished = false;
  inflate_state state;

  void feed() {
    const size_t step = std::min(kMaxStep, compressed.size() - fed);
    // isa-l reads through a pointer it does not declare const.
    state.next_in = const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(compressed.data() + fed));
    state.avail_in = static_cast<uint32_t>(step);
    fed += step;
  }
};

Inflater::Inflater(std::span<const std::byte> compressed) : impl_{std::make_unique<Impl>()} {
  impl_->compressed = compressed;
  isal_inflate_init(&impl_->state);
}

Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

size_t Inflater::read(std::span<char> out) {
  Impl& impl = *impl_;
  inflate_state& state = impl.state;
  const size_t wanted = std::min(kMaxStep, out.size());
  state.next_out = reinterpret_cast<uint8_t*>(out.data());
  state.avail_out = static_cast<uint32_t>(wanted);
  while (!impl.finished && state.avail_out == wanted && wanted > 0) {
    if (state.avail_in == 0) {
      impl.feed();
    }
    const uint32_t in_before = state.avail_in;
    const int32_t bits_before = state.read_in_length;
    const int status = isal_inflate(&state);
    if (status < ISAL_DECOMP_OK) {
      throw Error{ErrorCode::bad_input, fmt::format("deflate stream is damaged ({})", status)};
    }
    impl.finished = state.block_state == ISAL_BLOCK_FINISH;
    const bool moved = state.avail_in != in_before || state.read_in_length != bits_before ||
                       state.avail_out != wanted;
    const bool more = state.avail_in == 0 && impl.fed < impl.compressed.size();
    if (!impl.finished && !moved && !more) {
      throw Error{ErrorCode::bad_input, "deflate stream ends early"};
    }
  }
  return wanted - state.avail_out;
}

size_t Inflater::consumed() const {
  const inflate_state& state = impl_->state;
  // isa-l reads whole words ahead; bytes it has not used are still in its bit buffer.
  return impl_->fed - state.avail_in - static_cast<size_t>(state.read_in_length) / 8;
}

void BombGuard::count(size_t bytes) {
  total_ += bytes;
  if (total_ > kBombFloor && total_ / kBombRatio > compressed_bytes_) {
    throw Error{ErrorCode::bad_input,
                fmt::format("{} compressed bytes grow beyond {} times their size",
                            compressed_bytes_, kBombRatio)};
  }
}

}  // namespace tapedeck
