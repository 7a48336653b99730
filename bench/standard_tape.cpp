#include "standard_tape.hpp"

#include <fmt/format.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string_view>

namespace tapedeck::bench {
namespace {

namespace fs = std::filesystem;

struct Symbol {
  const char* name;
  int share_percent;
  int64_t price;  // in units of 10^-price_digits
  int price_digits;
  int64_t jump;  // largest change of price from trade to trade
  int qty_digits;
  int64_t qty;  // largest quantity
};

// BTCUSDT jumps by up to 2.60 a trade: far denser in price levels than the real one, so that
// footprints and profiles have something to do.
constexpr std::array kSymbols{
    Symbol{"BTCUSDT", 55, 6'500'000, 2, 260, 5, 200'000},
    Symbol{"ETHUSDT", 30, 350'000, 2, 20, 4, 200'000},
    Symbol{"SOLUSDT", 10, 15'000, 2, 3, 3, 100'000},
    Symbol{"XRPUSDT", 5, 6'000, 4, 3, 1, 100'000},
};
constexpr std::array kDays{"2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"};
constexpr int64_t kFirstDayMs = 1'704'067'200'000;  // 2024-01-01
constexpr int64_t kDayMs = 86'400'000;

void append_fixed(std::string& out, int64_t units, int digits) {
  std::string text = fmt::format("{:0{}}", units, digits + 1);
  text.insert(text.size() - static_cast<size_t>(digits), ".");
  out += text;
}

std::string day_csv(const Symbol& symbol, int day, int64_t rows, int64_t& id, int64_t& price,
                    std::mt19937_64& random) {
  // Groups of trades share a millisecond, as when one order takes several levels.
  std::vector<int64_t> times;
  times.reserve(static_cast<size_t>(rows));
  while (static_cast<int64_t>(times.size()) < rows) {
    const auto at = static_cast<int64_t>(random() % kDayMs);
    const uint64_t burst = random() % 4 == 0 ? 1 + random() % 16 : 1;
    for (uint64_t i = 0; i < burst && static_cast<int64_t>(times.size()) < rows; ++i) {
      times.push_back(at);
    }
  }
  std::sort(times.begin(), times.end());
  std::string text;
  text.reserve(static_cast<size_t>(rows) * 72);
  for (const int64_t at : times) {
    const int64_t step =
        static_cast<int64_t>(random() % static_cast<uint64_t>(2 * symbol.jump + 1)) - symbol.jump;
    // Drawn back to where it began, so that five days stay in one region of prices.
    price = std::max<int64_t>(symbol.price / 2, price + step + (symbol.price - price) / 100'000);
    fmt::format_to(std::back_inserter(text), "{},", id);
    append_fixed(text, price, symbol.price_digits);
    text += ',';
    append_fixed(text, 1 + static_cast<int64_t>(random() % static_cast<uint64_t>(symbol.qty)),
                 symbol.qty_digits);
    fmt::format_to(std::back_inserter(text), ",{},{},{},{}\n", 2 * id, 2 * id + 1,
                   kFirstDayMs + day * kDayMs + at, random() % 2 == 0 ? "true" : "false");
    ++id;
  }
  return text;
}

template <typename Value>
void append_le(std::string& out, Value value) {
  for (size_t byte = 0; byte < sizeof(Value); ++byte) {
    out += static_cast<char>((value >> (8 * byte)) & 0xFF);
  }
}

std::string deflated(std::string_view text) {
  std::string out(text.size() / 2 + 4096, '\0');
  std::vector<uint8_t> level_buffer(ISAL_DEF_LVL3_DEFAULT);
  isal_zstream stream;
  isal_deflate_init(&stream);
  stream.end_of_stream = 1;
  stream.flush = NO_FLUSH;
  stream.level = 3;
  stream.level_buf = level_buffer.data();
  stream.level_buf_size = static_cast<uint32_t>(level_buffer.size());
  stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uint32_t>(text.size());
  stream.next_out = reinterpret_cast<uint8_t*>(out.data());
  stream.avail_out = static_cast<uint32_t>(out.size());
  if (isal_deflate(&stream) != COMP_OK || stream.internal_state.state != ZSTATE_END) {
    throw std::runtime_error{"cannot deflate the standard tape"};
  }
  out.resize(stream.total_out);
  return out;
}

std::string zip_of(const std::string& name, std::string_view text) {
  const std::string body = deflated(text);
  const uint32_t crc =
      crc32_gzip_refl(0, reinterpret_cast<const uint8_t*>(text.data()), text.size());
  auto shared_fields = [&](std::string& out) {
    append_le<uint16_t>(out, 20);
    append_le<uint16_t>(out, 0);
    append_le<uint16_t>(out, 8);
    append_le<uint32_t>(out, 0x58210000);
    append_le<uint32_t>(out, crc);
    append_le<uint32_t>(out, static_cast<uint32_t>(body.size()));
    append_le<uint32_t>(out, static_cast<uint32_t>(text.size()));
    append_le<uint16_t>(out, static_cast<uint16_t>(name.size()));
    append_le<uint16_t>(out, 0);
  };
  std::string zip;
  append_le<uint32_t>(zip, 0x04034b50);
  shared_fields(zip);
  zip += name + body;
  const size_t directory = zip.size();
  append_le<uint32_t>(zip, 0x02014b50);
  append_le<uint16_t>(zip, 20);
  shared_fields(zip);
  zip.append(14, '\0');
  zip += name;
  const size_t directory_bytes = zip.size() - directory;
  append_le<uint32_t>(zip, 0x06054b50);
  append_le<uint32_t>(zip, 0);
  append_le<uint16_t>(zip, 1);
  append_le<uint16_t>(zip, 1);
  append_le<uint32_t>(zip, static_cast<uint32_t>(directory_bytes));
  append_le<uint32_t>(zip, static_cast<uint32_t>(directory));
  append_le<uint16_t>(zip, 0);
  return zip;
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

void write(const fs::path& path, std::string_view content) {
  fs::create_directories(path.parent_path());
  std::ofstream file{path, std::ios::binary};
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file.flush()) throw std::runtime_error{"cannot write " + path.string()};
}

}  // namespace

StandardTape standard_tape(const fs::path& folder, int64_t trades) {
  StandardTape tape{.archives = folder / "data", .csv = {}, .trades = trades};
  const fs::path stamp = folder / "made-2";
  const bool there = fs::exists(stamp);
  for (const Symbol& symbol : kSymbols) {
    std::mt19937_64 random{static_cast<uint64_t>(symbol.share_percent)};
    int64_t id = 1'000'000;
    int64_t price = symbol.price;
    for (size_t day = 0; day < kDays.size(); ++day) {
      const std::string stem = fmt::format("{}-aggTrades-{}", symbol.name, kDays[day]);
      const fs::path csv = folder / "csv" / symbol.name / (stem + ".csv");
      tape.csv.push_back(csv);
      if (there) continue;
      const int64_t rows = trades * symbol.share_percent / 100 / static_cast<int64_t>(kDays.size());
      const std::string text = day_csv(symbol, static_cast<int>(day), rows, id, price, random);
      write(csv, text);
      const fs::path zip = tape.archives / "spot/daily/aggTrades" / symbol.name / (stem + ".zip");
      const std::string bytes = zip_of(stem + ".csv", text);
      write(zip, bytes);
      write(zip.string() + ".CHECKSUM", sha256(bytes) + "  " + stem + ".zip\n");
    }
  }
  if (!there) write(stamp, "the standard tape is complete\n");
  return tape;
}

}  // namespace tapedeck::bench
