#include "ingest/archive_reader.hpp"

#include "archive_fixture.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

struct Read {
  std::vector<TradeBlock> blocks;
  ReadResult result;
};

Read read(const std::filesystem::path& path, const ReadOptions& options = {}) {
  ArchiveFile file = classify(path, {.market = "spot"});
  const SourceFile source = open_source(file.path);
  Read read;
  read.result = read_archive(file, source, options, [&](ArchiveBatch&& batch) {
    read.blocks.push_back(std::get<TradeBlock>(std::move(batch)));
  });
  return read;
}

}  // namespace

TEST_CASE("a short file comes at the finest scale that any of its lines needs") {
  const TempFolder folder;
  const auto path = write_daily(folder, 1,
                                "1,100.5,1,1,1,1704067200000,true\n"
                                "2,100.125,0.01,2,2,1704067201000,true\n");
  const Read got = read(path);
  REQUIRE(got.blocks.size() == 1);
  CHECK(got.blocks[0].scale == Scale{-3, -2});
  CHECK(got.blocks[0].price == std::vector<int64_t>{100'500, 100'125});
  CHECK(got.blocks[0].quantity == std::vector<int64_t>{100, 1});
}

TEST_CASE("csv, csv.gz and zip with several members read alike") {
  const TempFolder folder;
  const std::string first = agg_trades(1, 10, 1);
  const std::string second = agg_trades(11, 10, 1);
  const auto csv = folder / "BTCUSDT-aggTrades-2024-01-01.csv";
  write_file(csv, first + second);
  const auto gz = folder / "gz/BTCUSDT-aggTrades-2024-01-01.csv.gz";
  const ByteVector zipped = gzipped(first + second);
  write_file(gz, {reinterpret_cast<const char*>(zipped.data()), zipped.size()});
  ZipBuilder builder;
  const ByteVector both = builder.add({.name = "a.csv", .content = first})
                              .add({.name = "b.csv", .content = second, .method = 0})
                              .build();
  const auto zip = folder / "zip/BTCUSDT-aggTrades-2024-01-01.zip";
  write_file(zip, {reinterpret_cast<const char*>(both.data()), both.size()});
  for (const auto& path : {csv, gz, zip}) {
    const Read got = read(path);
    CHECK(got.result.rows == 20);
    std::vector<int64_t> ids;
    for (const TradeBlock& block : got.blocks) {
      ids.insert(ids.end(), block.trade_id.begin(), block.trade_id.end());
    }
    CHECK(ids.size() == 20);
    CHECK(ids.front() == 1);
    CHECK(ids.back() == 20);
  }
}

TEST_CASE("a member that begins below the end of the one before is refused") {
  const TempFolder folder;
  ZipBuilder builder;
  const ByteVector both = builder.add({.name = "a.csv", .content = agg_trades(11, 10, 1)})
                              .add({.name = "b.csv", .content = agg_trades(1, 10, 1)})
                              .build();
  const auto zip = folder / "BTCUSDT-aggTrades-2024-01-01.zip";
  write_file(zip, {reinterpret_cast<const char*>(both.data()), both.size()});
  check_refused(ErrorCode::bad_input, {zip.string(), "b.csv", "not above id 20"},
                [&] { read(zip); });
}

TEST_CASE("a CHECKSUM without a sum is refused, one in capitals matches") {
  const TempFolder folder;
  const auto path = write_daily(folder, 1, agg_trades(1, 3, 1));
  write_file(path.string() + ".CHECKSUM", "nothing\n");
  check_refused(ErrorCode::bad_input, {"holds no sha256"}, [&] { read(path); });
  write_checksum(path);
  std::string text = read_text(path.string() + ".CHECKSUM");
  std::transform(text.begin(), text.begin() + 64, text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  write_file(path.string() + ".CHECKSUM", text);
  CHECK(read(path).result.rows == 3);
}
