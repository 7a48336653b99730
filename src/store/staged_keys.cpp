#include "store/staged_keys.hpp"

#include "duck/appender.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace tapedeck {

StagedKeys::StagedKeys(duck::Transaction& transaction, std::string name,
                       std::span<const int64_t> keys)
    : transaction_{transaction}, name_{std::move(name)} {
  transaction.connection().run(fmt::format("CREATE OR REPLACE TEMP TABLE {}(key BIGINT)", name_));
  duck::Appender appender{transaction, "main", name_};
  duck::RowChunk chunk{DUCKDB_TYPE_BIGINT};
  for (size_t from = 0; from < keys.size(); from += duck::RowChunk::kRows) {
    const size_t rows = std::min(duck::RowChunk::kRows, keys.size() - from);
    std::memcpy(chunk.column<int64_t>(0), keys.data() + from, rows * sizeof(int64_t));
    chunk.set_rows(rows);
    appender.append(chunk);
  }
  appender.close();
}

StagedKeys::~StagedKeys() {
  try {
    transaction_.connection().run("DROP TABLE IF EXISTS temp." + name_);
  } catch (const Error&) {  // a transaction that failed takes it along
  }
}

}  // namespace tapedeck
