// Reads one archive file into batches: container, decoder, refused lines. Runs on any thread.
#pragma once

#include "feed/capture_decoder.hpp"
#include "feed/table_decoder.hpp"
#include "ingest/archive_file.hpp"
#include "ingest/decoding.hpp"
#include "ingest/source_file.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/market/trade.hpp"

#include <functional>
#include <variant>
#include <vector>

namespace tapedeck {

using ArchiveBatch =
    std::variant<TradeBlock, std::vector<Kline>, std::vector<OpenInterest>, std::vector<Quote>,
                 std::vector<DepthBand>, TableSeries, CaptureBatch>;

// Hands the batches to `use` in file order. Trades come at one scale while they fit 64 MB of text;
// longer files stream, and refine their scale on the way. Throws Error{bad_input} naming file, line
// and reason as soon as more than max_errors lines were refused, Error{cancelled} when stopped.
ReadResult read_archive(const ArchiveFile& file, const SourceFile& source,
                        const ReadOptions& options, const std::function<void(ArchiveBatch&&)>& use);

}  // namespace tapedeck
