"""A real assistant's client for the tests: reads what to do from standard input, says what it got as one JSON text.

Input: {"url": …, "token": …, "mode": "legacy" or a version, "steps": [{"tool": …, "arguments": {…}}, {"read": …}, …]}.
Results of tools are held against the schemas that the server says they have.
"""

import asyncio
import json
import sys

import httpx2
import jsonschema
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client


async def take(client, step, schemas):
    if "read" in step:
        result = await client.read_resource(step["read"])
        return {"text": result.contents[0].text, "type": result.contents[0].mime_type}
    result = await client.call_tool(step["tool"], step.get("arguments", {}))
    if not result.is_error:
        jsonschema.validate(result.structured_content, schemas[step["tool"]])
    texts = [content.text for content in result.content]
    return {"is_error": result.is_error, "texts": texts, "structured": result.structured_content}


async def main(task):
    headers = {"Authorization": f"Bearer {task['token']}"}
    transport = streamable_http_client(task["url"], http_client=httpx2.AsyncClient(headers=headers))
    async with Client(transport, mode=task["mode"]) as client:
        tools = (await client.list_tools()).tools
        schemas = {tool.name: tool.output_schema for tool in tools}
        for tool in tools:
            jsonschema.Draft202012Validator.check_schema(tool.input_schema)
            jsonschema.Draft202012Validator.check_schema(tool.output_schema)
        resources = (await client.list_resources()).resources
        return {
            "version": client.protocol_version,
            "tools": [tool.model_dump(mode="json") for tool in tools],
            "resources": [str(resource.uri) for resource in resources],
            "results": [await take(client, step, schemas) for step in task["steps"]],
        }


print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
